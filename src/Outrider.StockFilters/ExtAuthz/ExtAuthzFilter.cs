using Outrider.Filters;

namespace Outrider.StockFilters.ExtAuthz;

/// <summary>
/// Asks a service whether a request may pass, in HTTP or in gRPC (<c>envoy.service.auth.v3.Authorization/Check</c>): Envoy's <c>ext_authz</c>. The service may refuse it with an
/// answer of its own, and may change headers of request and response.
/// </summary>
[StreamFilter("ext_authz", Phase = ReceiverPhase.AfterRoute, JsonContext = typeof(ExtAuthzJson))]
public sealed class ExtAuthzFilter(ExtAuthzConfig config) : StreamFilter
{
    private AuthorizationAnswer? _answer;

    private ExtAuthzConfig? OfRoute => Stream.RouteConfiguration as ExtAuthzConfig;

    // A route may name a service of its own.
    private ExtAuthzConfig Config => OfRoute is { Service: not null } own ? own : config;

    /// <inheritdoc/>
    public override ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
    {
        if ((OfRoute ?? config).IsDisabled || Config.Service is null)
        {
            return FilterAction.Continue;
        }

        return endStream || Config.BodyOn(OfRoute) is null ? AskAsync(headers, null, false) : FilterAction.WaitAllData;
    }

    /// <summary>With the body, of which the service is shown the beginning.</summary>
    public override ValueTask<FilterAction> DecodeRequestAsync(RequestHeaders headers, BodyBuffer body, HeaderMap? trailers)
    {
        var limit = Config.BodyOn(OfRoute)!;
        bool isPartial = body.Length > limit.MaxRequestBytes;
        if (isPartial && !limit.AllowPartialMessage)
        {
            return Reply(413, "Payload Too Large");
        }

        byte[] all = body.ToArray();
        return AskAsync(headers, isPartial ? all[..limit.MaxRequestBytes] : all, isPartial);
    }

    /// <inheritdoc/>
    public override ValueTask<FilterAction> EncodeHeadersAsync(ResponseHeaders headers, bool endStream)
    {
        foreach (var change in _answer?.ForClient ?? [])
        {
            change.Apply(headers);
        }

        return FilterAction.Continue;
    }

    /// <summary>True: the fields are as new.</summary>
    public override bool TryReset()
    {
        _answer = null;
        return true;
    }

    private async ValueTask<FilterAction> AskAsync(RequestHeaders headers, byte[]? body, bool isPartial)
    {
        try
        {
            _answer = await Config.Service!.AskAsync(Stream, headers, body, isPartial, OfRoute?.ContextExtensions ?? config.ContextExtensions);
        }
        catch (CalloutException e)
        {
            return OnError(headers, e.Message);
        }

        if (_answer.Metadata is { } metadata)
        {
            Stream.Metadata.Merge("envoy.filters.http.ext_authz", metadata);
        }

        config.Answers.Add(1, _answer.Refusal is null ? "ok" : "denied");
        if (_answer.Refusal is { } refusal)
        {
            return Reply(refusal);
        }

        foreach (var change in _answer.ForUpstream)
        {
            change.Apply(headers);
        }

        return Config.ClearsRoute && _answer.ForUpstream.Count > 0 ? FilterAction.ReMatchRoute : FilterAction.Continue;
    }

    private FilterAction OnError(RequestHeaders headers, string reason)
    {
        Stream.Log.Warn($"ext_authz: {reason}");
        config.Answers.Add(1, Config.FailsOpen ? "failure_mode_allowed" : "error");
        if (!Config.FailsOpen)
        {
            return Reply(Config.OnError);
        }

        if (Config.TellsOfFailure)
        {
            headers.Set("x-envoy-auth-failure-mode-allowed"u8, "true"u8);
        }

        return FilterAction.Continue;
    }
}
