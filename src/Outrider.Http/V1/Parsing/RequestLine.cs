using System.Text;
using Outrider.Filters;
using Outrider.Http.Headers;
using Outrider.Http.Messages;
using Outrider.Http.Rules;

namespace Outrider.Http.V1.Parsing;

/// <summary>Reads a request line (RFC 9112 §3) into a head. A part of its parser: no allocation but for a target that is not as it stands in the line.</summary>
internal struct RequestLine
{
    private byte[]? _pendingTarget;

    /// <summary>Does the target say the authority, so that Host does not count?</summary>
    internal bool IsAbsolute { get; private set; }

    /// <summary>The head is complete: stores a target that is not as it stands in the line.</summary>
    internal void Complete(RequestHead head)
    {
        if (_pendingTarget is not null)
        {
            head.SetTarget(_pendingTarget);
            _pendingTarget = null;
        }
    }

    /// <summary>Reads the line; null when nothing is wrong with it.</summary>
    /// <param name="block">Where its bytes are.</param>
    /// <param name="head">Gets method, version, target and, from an absolute form, the authority.</param>
    /// <param name="start">Its first byte.</param>
    /// <param name="length">Its length without the line's end.</param>
    /// <param name="isStrict">May a target have only what RFC 3986 allows?</param>
    internal ProtocolError? Parse(HeaderBlock block, RequestHead head, int start, int length, bool isStrict)
    {
        var line = block.Slice(start, length);
        int methodEnd = line.IndexOf((byte)' ');
        int targetEnd = line.LastIndexOf((byte)' ');
        if (methodEnd < 0 || targetEnd <= methodEnd)
        {
            return methodEnd > 0 || HeaderSyntax.IsValue(line) ? HeadErrors.RequestLine : HeadErrors.Method;
        }

        if (!HeaderSyntax.IsToken(line[..methodEnd]))
        {
            return HeadErrors.Method;
        }

        switch (line[(targetEnd + 1)..])
        {
            case [(byte)'H', (byte)'T', (byte)'T', (byte)'P', (byte)'/', (byte)'1', (byte)'.', (byte)'1']:
                head.MinorVersion = 1;
                break;
            case [(byte)'H', (byte)'T', (byte)'T', (byte)'P', (byte)'/', (byte)'1', (byte)'.', (byte)'0']:
                head.MinorVersion = 0;
                break;
            case [(byte)'H', (byte)'T', (byte)'T', (byte)'P', (byte)'/', >= (byte)'0' and <= (byte)'9', (byte)'.', >= (byte)'0' and <= (byte)'9']:
                return HeadErrors.Version;
            default:
                return HeadErrors.RequestLine;
        }

        head.SetMethod(start, methodEnd);
        return ParseTarget(block, head, start + methodEnd + 1, targetEnd - methodEnd - 1, isStrict);
    }

    private ProtocolError? ParseTarget(HeaderBlock block, RequestHead head, int start, int length, bool isStrict)
    {
        var target = block.Slice(start, length);
        if (head.Method.SequenceEqual("CONNECT"u8))
        {
            return RequestLineRules.IsAuthority(target) ? HeadErrors.Connect : HeadErrors.Target;
        }

        if (target is [(byte)'*'])
        {
            head.SetTarget(start, 1);
            return head.Method.SequenceEqual("OPTIONS"u8) ? null : HeadErrors.Target;
        }

        if (!target.IsEmpty && target[0] != '/')
        {
            return ParseAbsoluteForm(head, start, target, isStrict);
        }

        head.SetTarget(start, length);
        return FieldRules.IsOriginForm(target, isStrict) ? null : HeadErrors.Target;
    }

    // http://authority/path?query: the authority is what counts, whatever Host says, and Host is written anew from it (RFC 9112
    // §3.2.2); the rest is forwarded as origin-form.
    private ProtocolError? ParseAbsoluteForm(RequestHead head, int start, ReadOnlySpan<byte> target, bool isStrict)
    {
        int scheme = target.Length > 7 && Ascii.EqualsIgnoreCase(target[..7], "http://"u8) ? 7
            : target.Length > 8 && Ascii.EqualsIgnoreCase(target[..8], "https://"u8) ? 8 : 0;
        if (scheme == 0)
        {
            return HeadErrors.Target;
        }

        int authority = target[scheme..].IndexOfAny((byte)'/', (byte)'?');
        int authorityEnd = authority < 0 ? target.Length : scheme + authority;
        if (!RequestLineRules.IsAuthority(target[scheme..authorityEnd]))
        {
            return HeadErrors.Target;
        }

        IsAbsolute = true;
        head.SetAuthority(start + scheme, authorityEnd - scheme);
        var rest = target[authorityEnd..];
        if (!rest.IsEmpty && rest[0] == '/')
        {
            head.SetTarget(start + authorityEnd, rest.Length);
        }
        else
        {
            // An empty path is sent as "/" (RFC 9112 §3.2.1), or as "*" if it is the server itself that is asked about (§3.2.4). It is
            // stored when the head is complete: lines come one behind the other.
            bool asterisk = rest.IsEmpty && head.Method.SequenceEqual("OPTIONS"u8);
            _pendingTarget = asterisk ? [(byte)'*'] : [(byte)'/', .. rest];
            return asterisk || FieldRules.IsOriginForm(_pendingTarget, isStrict) ? null : HeadErrors.Target;
        }

        return FieldRules.IsOriginForm(rest, isStrict) ? null : HeadErrors.Target;
    }
}
