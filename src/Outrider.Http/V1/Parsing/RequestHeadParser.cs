using System.Text;
using Outrider.Filters;
using Outrider.Http.Headers;
using Outrider.Http.Messages;
using Outrider.Http.Rules;

namespace Outrider.Http.V1.Parsing;

/// <summary>Reads a request's head (RFC 9112 §3, §5, §6) into a <see cref="RequestHead"/>. Reused (<see cref="OfLoops"/>).</summary>
public sealed class RequestHeadParser : MessageHeadParser
{
    private RequestHead _head = null!;
    private RequestLine _line;
    private bool _skippedLine;
    private bool _hasHost, _expects;

    /// <summary>Each loop's parser of requests.</summary>
    internal static LoopParsers<RequestHeadParser> OfLoops { get; } = new();

    /// <summary>Starts with a new head, which is cleared.</summary>
    public void Begin(RequestHead head, HttpLimits limits)
    {
        head.Clear();
        _head = head;
        _line = default;
        _skippedLine = _hasHost = _expects = false;
        BeginMessage(head, limits);
    }

    // RFC 9112 §2.2: an empty line before the request line is to be ignored. One.
    private protected override bool SkipEmptyLine()
    {
        bool first = !_skippedLine;
        _skippedLine = true;
        return first;
    }

    private protected override bool ParseStartLine(int start, int length) => _line.Parse(Block, _head, start, length, Limits.StrictTarget) is not { } error || Reject(error);

    private protected override bool OnField(int index, KnownHeader known)
    {
        switch (known)
        {
            case KnownHeader.Host:
                return OnHost(Block.ValueAt(index));
            case KnownHeader.Expect:
                if (!Ascii.EqualsIgnoreCase(Block.ValueAt(index), "100-continue"u8))
                {
                    return Reject(FramingErrors.Expectation);
                }

                _expects = true;
                return true;
            case KnownHeader.Other when Block.NameAt(index).Contains((byte)'_'):
                return OnUnderscore(index);
            default:
                return base.OnField(index, known);
        }
    }

    private bool OnHost(ReadOnlySpan<byte> value)
    {
        if (_hasHost)
        {
            return Reject(HeadErrors.HostRepeated);
        }

        _hasHost = true;
        return RequestLineRules.IsAuthority(value) || Reject(HeadErrors.HostInvalid);
    }

    // Applications that get fields as variables (CGI, WSGI, PHP) read Content_Length as Content-Length: what frames, routes or is
    // vouched for by the proxy must not come under such a name.
    private bool OnUnderscore(int index)
    {
        if (KnownHeaders.IsAlias(Block.NameAt(index)) || Limits.Underscores == UnderscoreRule.Refuse)
        {
            return Reject(HeadErrors.Underscore);
        }

        if (Limits.Underscores == UnderscoreRule.Drop)
        {
            Block.RemoveAt(index);
        }

        return true;
    }

    private protected override bool Finish()
    {
        if (!_hasHost && _head.MinorVersion > 0)
        {
            return Reject(HeadErrors.HostMissing);
        }

        var fields = Block;
        _line.Complete(_head);

        if (_hasHost)
        {
            int host = fields.IndexOf(KnownHeader.Host);
            if (!_line.IsAbsolute)
            {
                var authority = fields.ValueRangeAt(host);
                _head.SetAuthority(authority.Start, authority.Length);
            }

            fields.RemoveAt(host);
        }

        _head.Framing = IsChunked ? BodyFraming.Chunked : _head.ContentLength > 0 ? BodyFraming.Length : BodyFraming.None;
        _head.KeepAlive = SaysKeepAlive;
        if (_expects)
        {
            _head.ExpectsContinue = _head.MinorVersion > 0 && _head.Framing != BodyFraming.None;
            if (!_head.ExpectsContinue)
            {
                // From HTTP/1.0 it is to be ignored, and without content it must not be sent (RFC 9110 §10.1.1).
                _ = fields.Remove(KnownHeader.Expect);
            }
        }

        // A body comes first, and the tunnel behind it (RFC 9110 §7.8): docker exec asks so.
        _head.IsUpgrade = SaysUpgrade && _head.MinorVersion > 0 && UpgradeFields.KeepTunnels(fields);
        RemoveHopByHop(_head.IsUpgrade);
        return true;
    }
}
