using Outrider.Filters;
using Outrider.Plugins.Modules.Configurations;
using Outrider.Plugins.Modules.Libraries;
using Outrider.Plugins.Modules.Streams;
using Outrider.Proxy.FilterChains;

namespace Outrider.Plugins.Modules;

/// <summary>Makes the filters of one configuration of a module's filter, and ends that configuration with the last of them.</summary>
internal sealed unsafe class ModuleFilterFactory : IObservingFilterFactory, IRouteConfigurableFactory, IKeepable, IDisposable
{
    private readonly ModuleConfiguration _configuration;

    private readonly string _path;
    private readonly Action<string>? _requireTrust;

    /// <param name="configuration">The configuration.</param>
    /// <param name="path">The library's file, as the entry names it.</param>
    /// <param name="requireTrust">Throws when the file is not to be trusted; null for nothing.</param>
    internal ModuleFilterFactory(ModuleConfiguration configuration, string path = "", Action<string>? requireTrust = null)
    {
        _configuration = configuration;
        _path = path;
        _requireTrust = requireTrust;
        var hooks = configuration.Hooks;
        // A filter is made when its request comes by, so that is always of interest.
        Methods = StreamFilterMethods.DecodeHeaders
            | Flag(hooks.RequestBody is not null, StreamFilterMethods.DecodeData | StreamFilterMethods.DecodeTrailers)
            | Flag(hooks.RequestTrailers is not null, StreamFilterMethods.DecodeTrailers)
            | Flag(hooks.ResponseHeaders is not null, StreamFilterMethods.EncodeHeaders)
            | Flag(hooks.ResponseBody is not null, StreamFilterMethods.EncodeData | StreamFilterMethods.EncodeTrailers)
            | Flag(hooks.ResponseTrailers is not null, StreamFilterMethods.EncodeTrailers)
            // Answers of the module's own are bounded by what the client takes, whether it listens or not.
            | StreamFilterMethods.OnFlow
            | Flag(hooks.LocalReply is not null, StreamFilterMethods.OnLocalReply)
            | Flag(hooks.StreamComplete is not null, StreamFilterMethods.OnLog);
    }

    /// <summary>As in Envoy: the route is known, and matched again when the module says that it has changed what it depends on.</summary>
    public ReceiverPhase Phase => ReceiverPhase.AfterRoute;

    public StreamFilterMethods Methods { get; }

    internal ModuleConfiguration Configuration => _configuration;

    public StreamFilter CreateFilter() => new ModuleFilter(_configuration);

    /// <summary>The filter's name in the module: the type is <c>library</c> for all of them.</summary>
    public string RouteConfigurationName => _configuration.FilterName;

    public object ReadRouteConfiguration(FilterConfiguration configuration)
        => ModuleRouteConfiguration.Create(_configuration.Library, _configuration.FilterName, _configuration.Limits.Timeout, configuration.ReadBytes());

    public bool CanBeKept(FilterConfiguration configuration)
    {
        _requireTrust?.Invoke(_path);
        // A link may lead to another file now. One that is loaded is found without a wait.
        return ModuleLibrary.Load(_path, _configuration.Limits.Timeout) == _configuration.Library;
    }

    public void Dispose() => _configuration.Dispose();

    private static StreamFilterMethods Flag(bool has, StreamFilterMethods methods) => has ? methods : StreamFilterMethods.None;
}
