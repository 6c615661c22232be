using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;

namespace Outrider.Http.Headers;

/// <summary>The fields that a proxy itself looks at.</summary>
public enum KnownHeader : byte
{
    /// <summary>Any other.</summary>
    Other,

    /// <summary><c>Host</c>.</summary>
    Host,

    /// <summary><c>Content-Length</c>.</summary>
    ContentLength,

    /// <summary><c>Transfer-Encoding</c>.</summary>
    TransferEncoding,

    /// <summary><c>Connection</c>.</summary>
    Connection,

    /// <summary><c>Keep-Alive</c>.</summary>
    KeepAlive,

    /// <summary><c>Proxy-Connection</c>.</summary>
    ProxyConnection,

    /// <summary><c>Upgrade</c>.</summary>
    Upgrade,

    /// <summary><c>Expect</c>.</summary>
    Expect,

    /// <summary><c>TE</c>.</summary>
    TE,

    /// <summary><c>Trailer</c>.</summary>
    Trailer,

    /// <summary><c>HTTP2-Settings</c>.</summary>
    Http2Settings,

    /// <summary><c>X-Forwarded-For</c>.</summary>
    XForwardedFor,

    /// <summary><c>X-Forwarded-Proto</c>.</summary>
    XForwardedProto,

    /// <summary><c>X-Request-Id</c>.</summary>
    XRequestId,

    /// <summary><c>Date</c>.</summary>
    Date,

    /// <summary><c>grpc-timeout</c>.</summary>
    GrpcTimeout,

    /// <summary><c>x-mosn-try-timeout</c>.</summary>
    MosnTryTimeout,

    /// <summary><c>x-mosn-global-timeout</c>.</summary>
    MosnGlobalTimeout,
}

/// <summary>Finds out which field a name is.</summary>
public static class KnownHeaders
{
    // A bit for each, as each field of each message is asked.
    private const uint HopByHop = 1u << (int)KnownHeader.Connection | 1u << (int)KnownHeader.KeepAlive | 1u << (int)KnownHeader.ProxyConnection
        | 1u << (int)KnownHeader.TE | 1u << (int)KnownHeader.TransferEncoding | 1u << (int)KnownHeader.Upgrade | 1u << (int)KnownHeader.Http2Settings;

    // Of those that may not come in trailers, of which there are aliases.
    private const int LongestName = 17;

    /// <summary>Which field this is; <see cref="KnownHeader.Other"/> for all the rest.</summary>
    public static KnownHeader Identify(ReadOnlySpan<byte> name)
    {
        // By length first: most names fall out after one comparison of numbers.
        switch (name.Length)
        {
            case 2:
                return Is(name, "te"u8, KnownHeader.TE);
            case 4:
                return (name[0] | 0x20) == 'h' ? Is(name, "host"u8, KnownHeader.Host) : Is(name, "date"u8, KnownHeader.Date);
            case 6:
                return Is(name, "expect"u8, KnownHeader.Expect);
            case 7:
                return (name[0] | 0x20) == 'u' ? Is(name, "upgrade"u8, KnownHeader.Upgrade) : Is(name, "trailer"u8, KnownHeader.Trailer);
            case 10:
                return (name[0] | 0x20) == 'c' ? Is(name, "connection"u8, KnownHeader.Connection) : Is(name, "keep-alive"u8, KnownHeader.KeepAlive);
            case 12:
                return (name[0] | 0x20) == 'x' ? Is(name, "x-request-id"u8, KnownHeader.XRequestId) : Is(name, "grpc-timeout"u8, KnownHeader.GrpcTimeout);
            case 14:
                return (name[0] | 0x20) == 'c' ? Is(name, "content-length"u8, KnownHeader.ContentLength) : Is(name, "http2-settings"u8, KnownHeader.Http2Settings);
            case 15:
                return Is(name, "x-forwarded-for"u8, KnownHeader.XForwardedFor);
            case 16:
                return Is(name, "proxy-connection"u8, KnownHeader.ProxyConnection);
            case 17:
                return (name[0] | 0x20) == 't' ? Is(name, "transfer-encoding"u8, KnownHeader.TransferEncoding) : Is(name, "x-forwarded-proto"u8, KnownHeader.XForwardedProto);
            case 18:
                return Is(name, "x-mosn-try-timeout"u8, KnownHeader.MosnTryTimeout);
            case 21:
                return Is(name, "x-mosn-global-timeout"u8, KnownHeader.MosnGlobalTimeout);
            default:
                return KnownHeader.Other;
        }
    }

    /// <summary>A field between two neighbours only (RFC 9110 §7.6.1), or one that frames a message: written anew on each side, never passed on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsHopByHop(KnownHeader known) => (HopByHop >> (int)known & 1) != 0;

    /// <summary>May this field not come in trailers (RFC 9110 §6.5.1): framing, routing, control of the connection?</summary>
    public static bool IsForbiddenInTrailers(KnownHeader known) => IsHopByHop(known) || known is KnownHeader.ContentLength
        or KnownHeader.Host or KnownHeader.Expect or KnownHeader.Trailer or KnownHeader.XForwardedFor or KnownHeader.XForwardedProto;

    /// <summary>Is this name a field that frames, routes or is vouched for by the proxy, but for underscores in the place of dashes?</summary>
    internal static bool IsAlias(ReadOnlySpan<byte> name)
    {
        Span<byte> dashed = stackalloc byte[LongestName];
        if (name.Length > dashed.Length || !name.Contains((byte)'_'))
        {
            return false;
        }

        dashed = dashed[..name.Length];
        name.Replace(dashed, (byte)'_', (byte)'-');
        return IsForbiddenInTrailers(Identify(dashed));
    }

    private static KnownHeader Is(ReadOnlySpan<byte> name, ReadOnlySpan<byte> known, KnownHeader header)
        => AreEqual(name, known) ? header : KnownHeader.Other;

    // Of the same length. The second is of small letters, digits and dashes, of which the letters alone have bit 6 set: those may differ in bit 5, and nothing else may.
    private static bool AreEqual(ReadOnlySpan<byte> name, ReadOnlySpan<byte> known)
    {
        if (known.Length < sizeof(ulong))
        {
            return Ascii.EqualsIgnoreCase(name, known);
        }

        // The last eight overlap those before.
        ulong difference = Difference(name[^sizeof(ulong)..], known[^sizeof(ulong)..]);
        for (int i = 0; i < known.Length - sizeof(ulong); i += sizeof(ulong))
        {
            difference |= Difference(name[i..], known[i..]);
        }

        return difference == 0;
    }

    private static ulong Difference(ReadOnlySpan<byte> name, ReadOnlySpan<byte> known)
    {
        ulong wanted = BinaryPrimitives.ReadUInt64LittleEndian(known);
        return (BinaryPrimitives.ReadUInt64LittleEndian(name) ^ wanted) & ~((wanted & 0x4040_4040_4040_4040) >> 1);
    }
}
