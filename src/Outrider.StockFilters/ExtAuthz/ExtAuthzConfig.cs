using System.Text.Json.Serialization;
using Outrider.Filters;

namespace Outrider.StockFilters.ExtAuthz;

/// <summary>
/// Envoy's <c>envoy.extensions.filters.http.ext_authz.v3.ExtAuthz</c> as JSON, in either spelling of its keys; for a route <c>ExtAuthzPerRoute</c>, or a whole one.
/// </summary>
[JsonConverter(typeof(ExtAuthzConverter))]
public sealed class ExtAuthzConfig : IValidatable, IMetricsUser, IExcuser
{
    private readonly ExtAuthzSettings _settings;

    internal ExtAuthzConfig(ExtAuthzSettings settings) => _settings = settings;

    /// <summary>Who is asked; null where a route leaves that to its listener.</summary>
    internal IAuthorizationService? Service { get; private set; }

    /// <summary>Of a route: do requests pass unasked?</summary>
    internal bool IsDisabled => _settings.Disabled;

    /// <summary>Do they while the service does not answer?</summary>
    internal bool FailsOpen => _settings.FailureModeAllow;

    /// <summary>Is the upstream told of it?</summary>
    internal bool TellsOfFailure => _settings.FailureModeAllowHeaderAdd;

    /// <summary>Is the route found anew where headers have changed?</summary>
    internal bool ClearsRoute => _settings.ClearRouteCache;

    /// <summary>What the service is told of the route.</summary>
    internal IReadOnlyDictionary<string, string> ContextExtensions => _settings.CheckSettings?.ContextExtensions ?? [];

    /// <summary>The answer while the service does not give one.</summary>
    internal LocalReply OnError { get; private set; } = null!;

    /// <summary>Answers: <c>ok</c>, <c>denied</c>, <c>error</c>, <c>failure_mode_allowed</c>.</summary>
    internal FilterCounter Answers { get; private set; } = null!;

    /// <inheritdoc/>
    public void Validate()
    {
        if (_settings.GrpcService is not null && _settings.HttpService is not null)
        {
            throw new FilterConfigurationException("$.httpService", "not together with \"grpcService\"");
        }

        OnError = new LocalReply(_settings.StatusOnError?.Read("$.statusOnError") ?? 403) { Details = "ext_authz_error" };
        Service = _settings.GrpcService is not null ? new GrpcAuthorization(_settings)
            : _settings.HttpService is not null ? new HttpAuthorization(_settings)
            : _settings.Disabled || _settings.CheckSettings is not null ? null
            : throw new FilterConfigurationException("$.grpcService", "wanted \"grpcService\" or \"httpService\"; for a route, \"disabled\" or \"checkSettings\"");
    }

    /// <inheritdoc/>
    public void Excuse(Action<string, string> excuse)
    {
        ArgumentNullException.ThrowIfNull(excuse);
        if (_settings.StatPrefix.Length > 0)
        {
            excuse("$.statPrefix", "has no effect: the filter's metrics have names of their own");
        }
    }

    /// <inheritdoc/>
    public void CreateMetrics(FilterMetrics metrics)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        Answers = metrics.CreateCounter("checks", "answer");
    }

    /// <summary>How much of the body is shown; null for nothing.</summary>
    /// <param name="route">What the route says of its own, or null.</param>
    internal BufferSettings? BodyOn(ExtAuthzConfig? route) => route?._settings.CheckSettings is { } own
        ? own.DisableRequestBodyBuffering ? null : own.WithRequestBody ?? _settings.WithRequestBody
        : _settings.WithRequestBody;

    /// <summary>Reads a listener's configuration, which has to say who is asked.</summary>
    /// <exception cref="FilterConfigurationException">It does not fit.</exception>
    internal static StreamFilterFactory<ExtAuthzFilter> Create(FilterConfiguration configuration)
    {
        var config = configuration.Read(ExtAuthzJson.Default.ExtAuthzConfig);
        return config.Service is null && !config.IsDisabled
            ? throw new FilterConfigurationException("$.checkSettings", "is for routes: wanted \"grpcService\" or \"httpService\"")
            : new StreamFilterFactory<ExtAuthzFilter>(() => new ExtAuthzFilter(config), ReceiverPhase.AfterRoute);
    }
}
