using Outrider.Tests.Nginx;

namespace Outrider.Tests.Envoy;

/// <summary>Tests with a stock Envoy, and those that run the same modules in nginx, share the published modules, and run one after the other: each of them is a load by itself.</summary>
[CollectionDefinition(Name)]
[System.Diagnostics.CodeAnalysis.SuppressMessage("Naming", "CA1711", Justification = "What xunit calls it.")]
public sealed class EnvoyCollection : ICollectionFixture<EnvoyModules>, ICollectionFixture<NginxModule>
{
    internal const string Name = "Envoy";
}
