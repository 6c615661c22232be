using System.Text.Json.Serialization;
using Outrider.Filters;
using Outrider.StockFilters.Mutation;
using Outrider.StockFilters.RateLimits.Wire;

namespace Outrider.StockFilters.RateLimits;

/// <summary>Envoy's <c>envoy.extensions.filters.http.ratelimit.v3.RateLimit</c> as JSON, in either spelling of its keys.</summary>
[JsonConverter(typeof(RateLimitConverter))]
public sealed class RateLimitConfig : IValidatable, IMetricsUser, IExcuser
{
    private const int TooManyRequests = 429;

    private readonly RateLimitSettings _settings;
    private DescriptorRule[] _rules = [];
    private double _enabled, _enforced, _denied;

    internal RateLimitConfig(RateLimitSettings settings) => _settings = settings;

    /// <summary>Who is asked.</summary>
    internal RateLimitService Service { get; private set; } = null!;

    /// <summary>The status of a refusal.</summary>
    internal int Status { get; private set; }

    /// <summary>The status of a call of gRPC that is refused, as text; null for the one that belongs to <see cref="Status"/>.</summary>
    internal string? GrpcStatus => _settings.RateLimitedAsResourceExhausted ? "8" : null;

    /// <summary>Does a refusal bear <c>x-envoy-ratelimited</c>?</summary>
    internal bool Marks => !_settings.DisableXEnvoyRatelimitedHeader;

    /// <summary>Headers of refusals.</summary>
    internal HeaderChange[] OnRefusal { get; private set; } = [];

    /// <summary>The answer while the service does not give one.</summary>
    internal LocalReply OnError { get; private set; } = null!;

    /// <summary>Answers: <c>ok</c>, <c>over_limit</c>, <c>error</c>, <c>failure_mode_allowed</c>.</summary>
    internal FilterCounter Answers { get; private set; } = null!;

    /// <inheritdoc/>
    public void Validate()
    {
        int status = _settings.RateLimitedStatus?.Read("$.rateLimitedStatus") ?? TooManyRequests;
        Status = status < 400 ? TooManyRequests : status;
        OnError = new LocalReply(_settings.StatusOnError?.Read("$.statusOnError") ?? 500) { Details = "rate_limiter_error", Flags = ResponseFlags.RateLimitServiceError };
        OnRefusal = [.. (_settings.ResponseHeadersToAdd ?? []).Select((one, i) => (one ?? throw new FilterConfigurationException($"$.responseHeadersToAdd[{i}]", "wanted an object")).Read($"$.responseHeadersToAdd[{i}]"))];
        _enabled = _settings.FilterEnabled?.Read() ?? 1;
        _enforced = _settings.FilterEnforced?.Read() ?? 1;
        _denied = _settings.FailureModeDenyPercent?.Read() ?? (_settings.FailureModeDeny ? 1 : 0);
        _rules = RuleSettings.Compile("$.rateLimits", _settings.RateLimits);
        Service = new RateLimitService(_settings);
    }

    /// <inheritdoc/>
    public void Excuse(Action<string, string> excuse)
    {
        ArgumentNullException.ThrowIfNull(excuse);
        if (_settings.StatPrefix.Length > 0)
        {
            excuse("$.statPrefix", "has no effect: the filter's metrics have names of their own");
        }

        RuleSettings.Excuse("$.rateLimits", _settings.RateLimits, excuse);
        foreach (var (name, share) in new[] { ("filterEnabled", _settings.FilterEnabled), ("filterEnforced", _settings.FilterEnforced), ("failureModeDenyPercent", _settings.FailureModeDenyPercent) })
        {
            if (share?.RuntimeKey.Length > 0)
            {
                excuse($"$.{name}.runtimeKey", "has no effect: there is no runtime, and the default value holds");
            }
        }
    }

    /// <inheritdoc/>
    public void CreateMetrics(FilterMetrics metrics)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        Answers = metrics.CreateCounter("checks", "answer");
    }

    /// <summary>Reads a listener's configuration.</summary>
    /// <exception cref="FilterConfigurationException">It does not fit.</exception>
    internal static StreamFilterFactory<RateLimitFilter> Create(FilterConfiguration configuration)
    {
        var config = configuration.Read(RateLimitJson.Default.RateLimitConfig);
        return new StreamFilterFactory<RateLimitFilter>(() => new RateLimitFilter(config), ReceiverPhase.AfterRoute);
    }

    /// <summary>What the service is asked about the request; null for nothing.</summary>
    /// <param name="stream">The request's stream.</param>
    /// <param name="headers">Its head.</param>
    /// <param name="route">What the route says of its own, or null.</param>
    internal RateLimitRequest? QuestionFor(StreamContext stream, RequestHeaders headers, RateLimitRouteConfig? route)
    {
        if (!Draws(_enabled) || (_settings.RequestType is "internal" or "external" && ClientAddress.IsInternal(stream) != (_settings.RequestType == "internal")))
        {
            return null;
        }

        RateLimitRequest? question = null;
        var source = new DescriptorSource(stream, headers, _settings.ServiceCluster);
        Add(route?.Rules ?? [], source, ref question);
        if (route?.UsesListeners ?? true)
        {
            Add(_rules, source, ref question);
        }

        if (question is not null)
        {
            question.Domain = route is { Domain.Length: > 0 } own ? own.Domain : _settings.Domain;
            question.HitsAddend = RequestHits.Of(stream);
        }

        return question;
    }

    /// <summary>Is this request, which is over the limit, refused?</summary>
    internal bool Enforces() => Draws(_enforced);

    /// <summary>Is this request, which the service says nothing of, refused?</summary>
    internal bool RefusesOnError() => Draws(_denied);

    private static bool Draws(double share) => share >= 1 || (share > 0 && Random.Shared.NextDouble() < share);

    private void Add(DescriptorRule[] rules, in DescriptorSource source, ref RateLimitRequest? question)
    {
        foreach (var rule in rules)
        {
            if (rule.Stage == _settings.Stage && rule.Of(source) is { } descriptor)
            {
                (question ??= new()).Descriptors.Add(descriptor);
            }
        }
    }
}
