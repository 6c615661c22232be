using Outrider.Filters;
using Outrider.Plugins.Agent;
using Outrider.Plugins.Certificates;

namespace Outrider.Plugins;

/// <summary>The extensions that every proxy has.</summary>
public static class BuiltIn
{
    /// <summary>Registers them: <c>agent</c>, which asks a plugin in a process of its own.</summary>
    /// <exception cref="ArgumentException">A name is taken.</exception>
    public static void Register(StreamFilterRegistry registry)
    {
        ArgumentNullException.ThrowIfNull(registry);
        registry.Add(AgentFactory.FilterName, static configuration => new AgentFactory(configuration));
    }

    /// <summary>Registers the certificate providers: <c>loader</c>, which asks a plugin in a process of its own.</summary>
    /// <exception cref="ArgumentException">A name is taken.</exception>
    public static void Register(CertificateProviderRegistry registry)
    {
        ArgumentNullException.ThrowIfNull(registry);
        registry.Add(LoaderProvider.ProviderName, static context => new LoaderProvider(context));
    }
}
