using System.Text;
using Outrider.Filters;
using Outrider.Http.Headers;
using Outrider.Http.Messages;
using Outrider.Http.Rules;

namespace Outrider.Http.V1.Parsing;

/// <summary>Reads a request's head (RFC 9112 §3, §5, §6) into a <see cref="RequestHead"/>. One for each connection's stream, reused.</summary>
public sealed class RequestHeadParser : MessageHeadParser
{
    private RequestHead _head = null!;
    private byte[]? _pendingTarget;
    private bool _skippedLine;
    private bool _hasHost, _absolute, _expects;

    /// <summary>Starts with a new head, which is cleared.</summary>
    public void Begin(RequestHead head, HttpLimits limits)
    {
        head.Clear();
        _head = head;
        _pendingTarget = null;
        _skippedLine = _hasHost = _absolute = _expects = false;
        BeginMessage(head, limits);
    }

    /// <summary>
    /// After an error, for logs: method, target and host as far as they can be made out, whatever is wrong with them. What is not there
    /// stays empty.
    /// </summary>
    internal void KeepWhatWasRead()
    {
        if (_head.Authority.IsEmpty && Block.IndexOf(KnownHeader.Host) is >= 0 and var host)
        {
            var (hostStart, hostLength) = Block.ValueRangeAt(host);
            _head.SetAuthority(hostStart, hostLength);
        }

        var bytes = Block.Slice(0, Block.Length);
        int start = bytes.StartsWith("\r\n"u8) ? 2 : 0;
        int end = bytes[start..].IndexOfAny((byte)'\r', (byte)'\n');
        var line = end < 0 ? bytes[start..] : bytes.Slice(start, end);
        int space = line.IndexOf((byte)' ');
        if (space <= 0 || !HeaderSyntax.IsToken(line[..space]))
        {
            return;
        }

        _head.SetMethod(start, space);
        if (_head.Target.IsEmpty)
        {
            var target = line[(space + 1)..];
            int blank = target.IndexOf((byte)' ');
            _head.SetTarget(start + space + 1, blank < 0 ? target.Length : blank);
        }
    }

    // RFC 9112 §2.2: an empty line before the request line is to be ignored. One.
    private protected override bool SkipEmptyLine()
    {
        bool first = !_skippedLine;
        _skippedLine = true;
        return first;
    }

    private protected override bool ParseStartLine(int start, int length)
    {
        var line = Block.Slice(start, length);
        int methodEnd = line.IndexOf((byte)' ');
        int targetEnd = line.LastIndexOf((byte)' ');
        if (methodEnd < 0 || targetEnd <= methodEnd)
        {
            return Reject(methodEnd > 0 || HeaderSyntax.IsValue(line) ? HeadErrors.RequestLine : HeadErrors.Method);
        }

        if (!HeaderSyntax.IsToken(line[..methodEnd]))
        {
            return Reject(HeadErrors.Method);
        }

        switch (line[(targetEnd + 1)..])
        {
            case [(byte)'H', (byte)'T', (byte)'T', (byte)'P', (byte)'/', (byte)'1', (byte)'.', (byte)'1']:
                _head.MinorVersion = 1;
                break;
            case [(byte)'H', (byte)'T', (byte)'T', (byte)'P', (byte)'/', (byte)'1', (byte)'.', (byte)'0']:
                _head.MinorVersion = 0;
                break;
            case [(byte)'H', (byte)'T', (byte)'T', (byte)'P', (byte)'/', >= (byte)'0' and <= (byte)'9', (byte)'.', >= (byte)'0' and <= (byte)'9']:
                return Reject(HeadErrors.Version);
            default:
                return Reject(HeadErrors.RequestLine);
        }

        _head.SetMethod(start, methodEnd);
        return ParseTarget(start + methodEnd + 1, targetEnd - methodEnd - 1);
    }

    private bool ParseTarget(int start, int length)
    {
        var target = Block.Slice(start, length);
        if (_head.Method.SequenceEqual("CONNECT"u8))
        {
            return Reject(RequestLineRules.IsAuthority(target) ? HeadErrors.Connect : HeadErrors.Target);
        }

        if (target is [(byte)'*'])
        {
            _head.SetTarget(start, 1);
            return _head.Method.SequenceEqual("OPTIONS"u8) || Reject(HeadErrors.Target);
        }

        if (!target.IsEmpty && target[0] != '/')
        {
            return ParseAbsoluteForm(start, target);
        }

        _head.SetTarget(start, length);
        return FieldRules.IsOriginForm(target, Limits.StrictTarget) || Reject(HeadErrors.Target);
    }

    // http://authority/path?query: the authority is what counts, whatever Host says, and Host is written anew from it (RFC 9112
    // §3.2.2); the rest is forwarded as origin-form.
    private bool ParseAbsoluteForm(int start, ReadOnlySpan<byte> target)
    {
        int scheme = target.Length > 7 && Ascii.EqualsIgnoreCase(target[..7], "http://"u8) ? 7
            : target.Length > 8 && Ascii.EqualsIgnoreCase(target[..8], "https://"u8) ? 8 : 0;
        if (scheme == 0)
        {
            return Reject(HeadErrors.Target);
        }

        int authority = target[scheme..].IndexOfAny((byte)'/', (byte)'?');
        int authorityEnd = authority < 0 ? target.Length : scheme + authority;
        if (!RequestLineRules.IsAuthority(target[scheme..authorityEnd]))
        {
            return Reject(HeadErrors.Target);
        }

        _absolute = true;
        _head.SetAuthority(start + scheme, authorityEnd - scheme);
        var rest = target[authorityEnd..];
        if (!rest.IsEmpty && rest[0] == '/')
        {
            _head.SetTarget(start + authorityEnd, rest.Length);
        }
        else
        {
            // An empty path is sent as "/" (RFC 9112 §3.2.1), or as "*" if it is the server itself that is asked about (§3.2.4). It is
            // stored when the head is complete: lines come one behind the other.
            bool asterisk = rest.IsEmpty && _head.Method.SequenceEqual("OPTIONS"u8);
            _pendingTarget = asterisk ? [(byte)'*'] : [(byte)'/', .. rest];
            return asterisk || FieldRules.IsOriginForm(_pendingTarget, Limits.StrictTarget) || Reject(HeadErrors.Target);
        }

        return FieldRules.IsOriginForm(rest, Limits.StrictTarget) || Reject(HeadErrors.Target);
    }

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
        if (_pendingTarget is not null)
        {
            _head.SetTarget(_pendingTarget);
            _pendingTarget = null;
        }

        if (_hasHost)
        {
            int host = fields.IndexOf(KnownHeader.Host);
            if (!_absolute)
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
        _head.IsUpgrade = SaysUpgrade && _head.MinorVersion > 0 && KeepTunnels(fields);
        RemoveHopByHop(_head.IsUpgrade);
        return true;
    }

    // Every line counts: what one server takes from the first Upgrade another takes from the last. So what goes on is what may
    // become a tunnel, and nothing else; false when there is none.
    private static bool KeepTunnels(HeaderBlock fields)
    {
        bool any = false;
        for (int i = fields.Count - 1; i >= 0; i--)
        {
            any |= fields.KnownAt(i) == KnownHeader.Upgrade && (FieldRules.IsTunnel(fields.ValueAt(i)) || KeepTunnelsAt(fields, i));
        }

        return any;
    }

    private static bool KeepTunnelsAt(HeaderBlock fields, int index)
    {
        var protocols = fields.ValueAt(index);
        Span<byte> kept = protocols.Length <= 256 ? stackalloc byte[256] : new byte[protocols.Length];
        int length = FieldRules.CopyTunnels(protocols, kept);
        if (length == 0)
        {
            fields.RemoveAt(index);
            return false;
        }

        fields.SetValueAt(index, kept[..length]);
        return true;
    }
}
