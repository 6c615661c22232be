using System.Buffers;
using System.Text;
using Outrider.Filters;
using Outrider.Http.Grpc;
using Outrider.Http.Headers;
using Outrider.Http.Messages;
using Outrider.Http.Rules;
using Outrider.Http.Upgrades;
using Outrider.Http.V1.Parsing;
using Outrider.Http.V2.Hpack;

namespace Outrider.Http.V2.Server;

/// <summary>
/// Reads a header block into a request's head or trailers, and says whether it is well formed (RFC 9113 §8.2, §8.3). What passes can be
/// written as HTTP/1 without meaning something else there: names are tokens, values have no controls, the target is one of
/// RFC 9112's forms, and nothing frames but the stream itself. One for each thread, which is a loop's: a block is read at once, and
/// connections at rest hold none.
/// </summary>
internal sealed class RequestFieldReader
{
    // RFC 9113 §6.5.2.
    private const int FieldOverhead = 32;

    [ThreadStatic]
    private static RequestFieldReader? t_own;

    private HpackDecoder _decoder = null!;
    private HttpLimits _limits = null!;
    private Http2Limits _http2 = null!;
    private RequestHead _head = null!;
    private HeaderBlock _fields = null!;
    private bool _isTrailers;
    private Seen _seen;
    private int _size;
    private int _cookies;

    [Flags]
    private enum Seen : byte
    {
        Method = 1,
        Scheme = 2,
        Path = 4,
        Authority = 8,
        Host = 16,
        Regular = 32,
        Expect = 64,
        Protocol = 128,
    }

    /// <summary>The thread's own, for the connection's next block. Good until anybody asks for it again.</summary>
    /// <param name="decoder">The connection's.</param>
    /// <param name="limits">What a head may have.</param>
    /// <param name="http2">What it may have besides.</param>
    internal static RequestFieldReader For(HpackDecoder decoder, HttpLimits limits, Http2Limits http2)
    {
        var own = t_own ??= new RequestFieldReader();
        (own._decoder, own._limits, own._http2) = (decoder, limits, http2);
        return own;
    }

    /// <summary>Is the last block malformed, so that its stream is reset (RFC 9113 §8.1.1), and not only refused with a status?</summary>
    internal bool IsMalformed { get; private set; }

    /// <summary>Is the head, of which <see cref="ReadHead"/> said that something is wrong, of gRPC, as far as one can see?</summary>
    internal bool IsGrpc { get; private set; }

    /// <summary>Reads a head; null, or what is wrong with it. The whole block is read in any case: the next one builds on it.</summary>
    /// <exception cref="Http2Exception">It is no header block.</exception>
    internal ProtocolError? ReadHead(ReadOnlySpan<byte> block, RequestHead head, bool endStream)
    {
        head.Clear();
        head.MinorVersion = 1;
        head.IsHttp2 = head.KeepAlive = true;
        var wrong = Read(block, head, head.Fields, isTrailers: false) ?? Finish(endStream);
        IsGrpc |= wrong is not null && GrpcRequest.IsGrpc(head.Fields);
        return wrong;
    }

    /// <summary>Reads trailers; null, or what is wrong with them.</summary>
    /// <exception cref="Http2Exception">It is no header block.</exception>
    internal ProtocolError? ReadTrailers(ReadOnlySpan<byte> block, HeaderBlock trailers)
    {
        trailers.Clear();
        return Read(block, null!, trailers, isTrailers: true);
    }

    private ProtocolError? Read(ReadOnlySpan<byte> block, RequestHead head, HeaderBlock fields, bool isTrailers)
    {
        (_head, _fields, _isTrailers, _seen, _size, _cookies, IsMalformed, IsGrpc) = (head, fields, isTrailers, 0, 0, 0, false, false);
        ProtocolError? wrong = null;
        _decoder.Begin();
        while (_decoder.Read(ref block, out var name, out var value))
        {
            if (wrong is null)
            {
                wrong = Take(name, value);
            }
            else if (name.SequenceEqual("content-type"u8))
            {
                IsGrpc = GrpcRequest.IsGrpc(value);
            }
        }

        _decoder.End();
        return wrong;
    }

    private ProtocolError? Take(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        _size += name.Length + value.Length + FieldOverhead;
        if (_size > _http2.MaxHeaderList || _fields.Length + name.Length + value.Length > _limits.MaxHeaderBytes)
        {
            return HeadErrors.HeadTooLarge;
        }

        if (name is [(byte)':', ..])
        {
            return TakePseudo(name, value);
        }

        _seen |= Seen.Regular;
        if (_fields.Count >= _limits.MaxHeaderCount)
        {
            return HeadErrors.TooManyFields;
        }

        // Tokens have no colon, blank or control; capitals are of HTTP/1 (RFC 9113 §8.2.1).
        if (!HeaderSyntax.IsToken(name) || name.IndexOfAnyInRange((byte)'A', (byte)'Z') >= 0)
        {
            return Malformed(HeadErrors.FieldName);
        }

        if (!HeaderSyntax.IsValue(value) || value is [(byte)' ' or (byte)'\t', ..] or [.., (byte)' ' or (byte)'\t'])
        {
            return Malformed(HeadErrors.FieldValue);
        }

        var known = KnownHeaders.Identify(name);
        if (known == KnownHeader.TE)
        {
            // Between two neighbours, like Connection; what it may say here (RFC 9113 §8.2.2) goes without saying.
            return Ascii.EqualsIgnoreCase(value, "trailers"u8) ? null : Malformed(Http2Errors.ConnectionField);
        }

        if (KnownHeaders.IsHopByHop(known) && known != KnownHeader.Http2Settings)
        {
            return Malformed(Http2Errors.ConnectionField);
        }

        return _isTrailers ? TakeTrailer(name, value, known) : TakeField(name, value, known);
    }

    private ProtocolError? TakePseudo(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        var seen = name switch
        {
            _ when name.SequenceEqual(":method"u8) => Seen.Method,
            _ when name.SequenceEqual(":scheme"u8) => Seen.Scheme,
            _ when name.SequenceEqual(":path"u8) => Seen.Path,
            _ when name.SequenceEqual(":authority"u8) => Seen.Authority,
            _ when name.SequenceEqual(":protocol"u8) => Seen.Protocol,
            _ => (Seen)0,
        };
        if (seen == 0 || _isTrailers || (_seen & (seen | Seen.Regular)) != 0)
        {
            return Malformed(Http2Errors.PseudoField);
        }

        _seen |= seen;
        switch (seen)
        {
            case Seen.Method:
                if (!HeaderSyntax.IsToken(value))
                {
                    return Malformed(HeadErrors.Method);
                }

                _head.SetMethod(value);
                return null;
            case Seen.Scheme:
                // Nothing is made of it, as HTTP/1 has nowhere to say it; but it must be one (RFC 3986 §3.1).
                return HeaderSyntax.IsToken(value) ? null : Malformed(Http2Errors.PseudoField);
            case Seen.Path:
                if (value.IsEmpty)
                {
                    return Malformed(HeadErrors.Target);
                }

                if (value.Length > _limits.MaxStartLine)
                {
                    return HeadErrors.StartLineTooLong;
                }

                _head.SetTarget(value);
                return null;
            case Seen.Protocol:
                if (!HeaderSyntax.IsToken(value))
                {
                    return Malformed(Http2Errors.PseudoField);
                }

                _fields.Add("upgrade"u8, value, KnownHeader.Upgrade);
                return null;
            default:
                if (!RequestTargets.IsAuthority(value))
                {
                    return Malformed(HeadErrors.HostInvalid);
                }

                _head.SetAuthority(value);
                return null;
        }
    }

    private ProtocolError? TakeField(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, KnownHeader known)
    {
        switch (known)
        {
            case KnownHeader.Host:
                // RFC 9113 §8.3.1: two that differ are two requests in one.
                bool again = (_seen & Seen.Host) != 0;
                _seen |= Seen.Host;
                if (again || !RequestTargets.IsAuthority(value))
                {
                    return Malformed(again ? HeadErrors.HostRepeated : HeadErrors.HostInvalid);
                }

                if ((_seen & Seen.Authority) != 0)
                {
                    return Ascii.EqualsIgnoreCase(_head.Authority, value) ? null : Malformed(HeadErrors.HostRepeated);
                }

                _head.SetAuthority(value);
                return null;
            case KnownHeader.ContentLength:
                if (_head.ContentLength >= 0 || !FieldRules.TryParseContentLength(value, out long length))
                {
                    return Malformed(FramingErrors.ContentLength);
                }

                _head.ContentLength = length;
                break;
            case KnownHeader.Expect:
                if (!Ascii.EqualsIgnoreCase(value, "100-continue"u8))
                {
                    return FramingErrors.Expectation;
                }

                _seen |= Seen.Expect;
                break;
            case KnownHeader.Http2Settings:
                return null;
            case KnownHeader.Other when name.Contains((byte)'_'):
                if (KnownHeaders.IsAlias(name) || _limits.Underscores == UnderscoreRule.Refuse)
                {
                    return HeadErrors.Underscore;
                }

                if (_limits.Underscores == UnderscoreRule.Drop)
                {
                    return null;
                }

                break;
            case KnownHeader.Other when name.SequenceEqual("cookie"u8):
                _cookies++;
                break;
            default:
                break;
        }

        _fields.Add(name, value, known);
        return null;
    }

    private ProtocolError? TakeTrailer(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, KnownHeader known)
    {
        if (KnownHeaders.IsForbiddenInTrailers(known) || (known == KnownHeader.Other && KnownHeaders.IsAlias(name)))
        {
            return Malformed(FramingErrors.TrailerField);
        }

        if (known != KnownHeader.Other || !TrailerParser.IsForTheHeadOnly(name))
        {
            _fields.Add(name, value, known);
        }

        return null;
    }

    private ProtocolError? Finish(bool endStream)
    {
        bool connects = _head.Method.SequenceEqual("CONNECT"u8);
        if (connects && (_seen & Seen.Protocol) == 0)
        {
            // RFC 9113 §8.5: it names a host and nothing else.
            return (_seen & (Seen.Scheme | Seen.Path)) != 0 || _head.Authority.IsEmpty ? Malformed(Http2Errors.PseudoField) : HeadErrors.Connect;
        }

        if (!connects && (_seen & Seen.Protocol) != 0)
        {
            return Malformed(Http2Errors.PseudoField);
        }

        if ((_seen & (Seen.Method | Seen.Scheme | Seen.Path)) != (Seen.Method | Seen.Scheme | Seen.Path))
        {
            return Malformed(Http2Errors.PseudoField);
        }

        bool asterisk = _head.Target is [(byte)'*'] && _head.Method.SequenceEqual("OPTIONS"u8);
        if (!asterisk && !FieldRules.IsOriginForm(_head.Target, _limits.StrictTarget))
        {
            return Malformed(HeadErrors.Target);
        }

        if (_head.Authority.IsEmpty)
        {
            return Malformed(HeadErrors.HostMissing);
        }

        if (endStream && _head.ContentLength > 0)
        {
            return Malformed(Http2Errors.LengthMismatch);
        }

        if (_limits.MaxRequestBody > 0 && _head.ContentLength > _limits.MaxRequestBody)
        {
            return ProtocolError.BodyTooLarge;
        }

        _head.Framing = endStream ? BodyFraming.None : _head.ContentLength >= 0 ? BodyFraming.Length : BodyFraming.Chunked;
        _head.ExpectsContinue = (_seen & Seen.Expect) != 0 && !endStream;
        if ((_seen & Seen.Expect) != 0 && endStream)
        {
            _ = _fields.Remove(KnownHeader.Expect);
        }

        if (_cookies > 1)
        {
            JoinCookies();
        }

        return connects ? FinishConnect() : null;
    }

    // An extended CONNECT (RFC 8441 §4) is what HTTP/1 says with Upgrade, and from here on it is that.
    private ProtocolError? FinishConnect()
    {
        if (_head.ContentLength >= 0)
        {
            return Malformed(FramingErrors.ContentLength);
        }

        var protocol = _fields.ValueAt(_fields.IndexOf(KnownHeader.Upgrade));
        if (!FieldRules.IsTunnel(protocol))
        {
            return Http2Errors.ConnectProtocol;
        }

        if (WebSocketKey.IsWanted(protocol))
        {
            WebSocketKey.AddTo(_fields);
        }

        _ = _fields.Remove(KnownHeader.Expect);
        _head.SetMethod("GET"u8);
        _head.IsUpgrade = true;
        _head.ExpectsContinue = false;
        _head.Framing = BodyFraming.None;
        return null;
    }

    // HTTP/2 may cut a cookie field into many, HTTP/1 may not have more than one (RFC 9113 §8.2.3).
    private void JoinCookies()
    {
        int size = 0;
        for (int i = 0; i < _fields.Count; i++)
        {
            size += IsCookie(i) ? _fields.ValueAt(i).Length + 2 : 0;
        }

        byte[] joined = ArrayPool<byte>.Shared.Rent(size);
        int length = 0, first = -1;
        for (int i = 0; i < _fields.Count; i++)
        {
            if (!IsCookie(i))
            {
                continue;
            }

            if (first < 0)
            {
                first = i;
            }
            else
            {
                "; "u8.CopyTo(joined.AsSpan(length));
                length += 2;
            }

            _fields.ValueAt(i).CopyTo(joined.AsSpan(length));
            length += _fields.ValueAt(i).Length;
        }

        for (int i = _fields.Count - 1; i > first; i--)
        {
            if (IsCookie(i))
            {
                _fields.RemoveAt(i);
            }
        }

        _fields.SetValueAt(first, joined.AsSpan(0, length));
        ArrayPool<byte>.Shared.Return(joined);
    }

    private bool IsCookie(int index) => _fields.KnownAt(index) == KnownHeader.Other && _fields.NameAt(index).SequenceEqual("cookie"u8);

    private ProtocolError Malformed(ProtocolError error)
    {
        IsMalformed = true;
        return error;
    }
}
