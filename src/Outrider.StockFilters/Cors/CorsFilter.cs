using System.Globalization;
using System.Text;
using Outrider.Filters;

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
            AddVary(headers);
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

    // What the response is depends on the page that asks: caches must know (RFC 9110 §12.5.5).
    private static void AddVary(ResponseHeaders headers)
    {
        foreach (var field in headers)
        {
            if (Ascii.EqualsIgnoreCase(field.Name, "vary"u8) && HasOrigin(field.Value))
            {
                return;
            }
        }

        headers.Append("vary"u8, "origin"u8);
    }

    private static bool HasOrigin(ReadOnlySpan<byte> list)
    {
        foreach (var range in list.Split((byte)','))
        {
            var name = list[range].Trim(" \t"u8);
            if (Ascii.EqualsIgnoreCase(name, "origin"u8) || name is [(byte)'*'])
            {
                return true;
            }
        }

        return false;
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
