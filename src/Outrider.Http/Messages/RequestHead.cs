using Outrider.Http.Headers;

namespace Outrider.Http.Messages;

/// <summary>
/// A request's head: method, target, authority and fields, as bytes of one block. <c>Host</c> is not among the fields, it is the
/// <see cref="Authority"/>. Reused from stream to stream.
/// </summary>
public sealed class RequestHead : MessageHead
{
    private Range _method, _target, _authority;

    private readonly record struct Range(int Start, int Length);

    /// <summary>The method.</summary>
    public ReadOnlySpan<byte> Method => Fields.Slice(_method.Start, _method.Length);

    /// <summary>Path and query, or <c>*</c>.</summary>
    public ReadOnlySpan<byte> Target => Fields.Slice(_target.Start, _target.Length);

    /// <summary>Host and optional port; empty for HTTP/1.0 without <c>Host</c>.</summary>
    public ReadOnlySpan<byte> Authority => Fields.Slice(_authority.Start, _authority.Length);

    /// <summary>The request line of HTTP/1.1 with its end, where the client has sent it as it is to go out; otherwise empty.</summary>
    internal ReadOnlySpan<byte> Line
    {
        get
        {
            var version = " HTTP/1.1\r\n"u8;
            int end = _target.Start + _target.Length;
            return _target.Start == _method.Start + _method.Length + 1 && end + version.Length <= Fields.Length
                && Fields.Slice(_target.Start - 1, 1)[0] == ' ' && Fields.Slice(end, version.Length).SequenceEqual(version)
                ? Fields.Slice(_method.Start, end + version.Length - _method.Start)
                : default;
        }
    }

    /// <summary>Does the client wait for <c>100 Continue</c> before it sends the body?</summary>
    public bool ExpectsContinue { get; set; }

    /// <summary>Did it come by HTTP/2? Otherwise by HTTP/1, whose version <see cref="MessageHead.MinorVersion"/> tells.</summary>
    public bool IsHttp2 { get; set; }

    /// <summary>Does the client ask for another protocol on its connection (<see cref="UpgradeProtocol"/>)?</summary>
    public bool IsUpgrade { get; set; }

    /// <summary>Is the method HEAD, so that the response has no body whatever it says?</summary>
    public bool IsHead { get; private set; }

    /// <summary>The value of <c>Upgrade</c> where <see cref="IsUpgrade"/>.</summary>
    public ReadOnlySpan<byte> UpgradeProtocol => Fields.IndexOf(KnownHeader.Upgrade) is >= 0 and var i ? Fields.ValueAt(i) : default;

    /// <summary>May the request be sent again when it is not known whether it was served (RFC 9110 §9.2.2)?</summary>
    public bool IsIdempotent => Method switch
    {
        [(byte)'G', (byte)'E', (byte)'T'] or [(byte)'H', (byte)'E', (byte)'A', (byte)'D'] or [(byte)'P', (byte)'U', (byte)'T'] => true,
        var m => m.SequenceEqual("DELETE"u8) || m.SequenceEqual("OPTIONS"u8) || m.SequenceEqual("TRACE"u8),
    };

    /// <summary>Sets the method to bytes that the block holds.</summary>
    public void SetMethod(int start, int length)
    {
        _method = new(start, length);
        IsHead = Method.SequenceEqual("HEAD"u8);
    }

    /// <summary>Sets the target to bytes that the block holds.</summary>
    public void SetTarget(int start, int length) => _target = new(start, length);

    /// <summary>Sets the authority to bytes that the block holds.</summary>
    public void SetAuthority(int start, int length) => _authority = new(start, length);

    /// <summary>Sets the method.</summary>
    public void SetMethod(ReadOnlySpan<byte> value) => SetMethod(Fields.Store(value), value.Length);

    /// <summary>Sets the target.</summary>
    public void SetTarget(ReadOnlySpan<byte> value) => SetTarget(Fields.Store(value), value.Length);

    /// <summary>Sets the authority.</summary>
    public void SetAuthority(ReadOnlySpan<byte> value) => SetAuthority(Fields.Store(value), value.Length);

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        ClearCommon();
        _method = _target = _authority = default;
        ExpectsContinue = IsUpgrade = IsHead = IsHttp2 = false;
    }
}
