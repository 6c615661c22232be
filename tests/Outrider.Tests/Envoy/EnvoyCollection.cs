namespace Outrider.Tests.Envoy;

/// <summary>Tests with a stock Envoy share the published modules, and run one after the other: each of them is a load by itself.</summary>
[CollectionDefinition(Name)]
[System.Diagnostics.CodeAnalysis.SuppressMessage("Naming", "CA1711", Justification = "What xunit calls it.")]
public sealed class EnvoyCollection : ICollectionFixture<EnvoyModules>
{
    internal const string Name = "Envoy";
}
