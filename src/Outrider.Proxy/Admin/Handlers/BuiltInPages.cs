using Outrider.Filters;

namespace Outrider.Proxy.Admin.Handlers;

/// <summary>The pages that every proxy has.</summary>
internal static class BuiltInPages
{
    /// <summary>Those pages, to which others can be added.</summary>
    public static AdminHandlers Of(IAdminSource source)
    {
        var handlers = new AdminHandlers();
        handlers.Add(new HelpHandler(handlers));
        handlers.Add(new VersionHandler(source));
        handlers.Add(new StatesHandler(source));
        handlers.Add(new ConfigDumpHandler(source));
        handlers.Add(new CertificatesHandler(source));
        handlers.Add(new ClustersHandler(source));
        handlers.Add(new ReadyHandler(source));
        handlers.Add(new HostsHandler(source));
        handlers.Add(new ResourceHandler(source, ConfigurationResourceKind.Cluster));
        handlers.Add(new ResourceHandler(source, ConfigurationResourceKind.Router));
        handlers.Add(new ResourceHandler(source, ConfigurationResourceKind.Listener));
        handlers.Add(new ResourceSetHandler(source));
        handlers.Add(new StatsHandler(source));
        handlers.Add(new StatsGlobHandler(source));
        handlers.Add(new FeaturesHandler());
        handlers.Add(new EnvironmentHandler());
        handlers.Add(new ServerInfoHandler(source));
        handlers.Add(new EnvoyConfigDumpHandler(source));
        handlers.Add(new EnvoyStatsHandler(source));
        handlers.Add(new EnvoyStatsHandler(source, "/stats/prometheus", "prometheus"));
        handlers.Add(new FilterCostsHandler(source));
        handlers.Add(new MetricsHandler(source));
        handlers.Add(new GetLogLevelHandler(source));
        handlers.Add(new UpdateLogLevelHandler(source));
        handlers.Add(new ToggleLogHandler(source, enable: true));
        handlers.Add(new ToggleLogHandler(source, enable: false));
        return handlers;
    }
}
