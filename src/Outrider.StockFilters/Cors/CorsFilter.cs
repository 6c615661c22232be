using System.Globalization;
using System.Text;
using Outrider.Filters;
using Outrider.StockFilters.Matching;

namespace Outrider.StockFilters.Cors;

/// <summary>
/// Answers browsers that ask whether a page of another origin may send a request, and says in responses which page may read them
/// (the Fetch standard, "CORS protocol"). A request of an origin that is not allowed goes on without those headers: the browser keeps the answer from the page.
/// </summary>
[StreamFilter("cors", Phase = ReceiverPhase.AfterRoute, JsonContext = typeof(CorsJson))]
public sealed class CorsFilter(CorsConfig config) : StreamFilter
{
    private string? _origin;
    private bool _isPreflight;

    /// <inheritdoc/>
    public override ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
    {
        var cors = Stream.ConfigurationOr(config);
        if (!headers.TryGetValue("origin"u8, out var origin))
        {
            return FilterAction.Continue;
        }

        string text = Encoding.Latin1.GetString(origin);
        _origin = cors.Allows(text) ? text : null;
        _isPreflight = headers.Method.SequenceEqual("OPTIONS"u8) && headers.Contains("access-control-request-method"u8);
        return _isPreflight ? Reply(Answer(cors, headers)) : FilterAction.Continue;
    }

    /// <inheritdoc/>
    public override ValueTask<FilterAction> EncodeHeadersAsync(ResponseHeaders headers, bool endStream)
    {
        if (_isPreflight)
        {
            return FilterAction.Continue;
        }

        var cors = Stream.ConfigurationOr(config);
        if (!cors.AllowsAll)
        {
            VaryHeader.Add(headers, "origin"u8);
        }

        if (_origin is not null)
        {
            // What the upstream says of itself does not widen what is configured here.
            headers.Set("access-control-allow-origin", cors.AllowsAll ? "*" : _origin);
            SetOrRemove(headers, "access-control-allow-credentials", cors.AllowCredentials ? "true" : "");
            SetOrRemove(headers, "access-control-expose-headers", cors.Exposed);
        }

        return FilterAction.Continue;
    }

    /// <summary>True: the fields are as new.</summary>
    public override bool TryReset()
    {
        _origin = null;
        _isPreflight = false;
        return true;
    }

    private static void SetOrRemove(ResponseHeaders headers, string name, string value)
    {
        if (value.Length > 0)
        {
            headers.Set(name, value);
        }
        else
        {
            _ = headers.Remove(name);
        }
    }

    private LocalReply Answer(CorsConfig cors, RequestHeaders headers)
    {
        var reply = new LocalReply(204) { Details = "cors_preflight" };
        if (!cors.AllowsAll)
        {
            _ = reply.With("vary", "origin");
        }

        if (_origin is null)
        {
            return reply;
        }

        _ = reply.With("access-control-allow-origin", cors.AllowsAll ? "*" : _origin);
        if (cors.AllowCredentials)
        {
            _ = reply.With("access-control-allow-credentials", "true");
        }

        if (cors.Methods.Length > 0)
        {
            _ = reply.With("access-control-allow-methods", cors.Methods);
        }

        // "*" means a header of that name once credentials are sent: what was asked for is said instead.
        string allowed = cors.Headers == "*" ? headers.GetString("access-control-request-headers"u8) ?? "" : cors.Headers;
        if (allowed.Length > 0)
        {
            _ = reply.With("access-control-allow-headers", allowed);
        }

        return cors.MaxAge > TimeSpan.Zero ? reply.With("access-control-max-age", ((long)cors.MaxAge.TotalSeconds).ToString(CultureInfo.InvariantCulture)) : reply;
    }
}
