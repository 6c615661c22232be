using System.Buffers.Text;
using System.Text;
using Outrider.Http.Headers;

namespace Outrider.Http.Grpc;

/// <summary>What a head says of gRPC (grpc/grpc, doc/PROTOCOL-HTTP2.md). Allocates nothing.</summary>
public static class GrpcRequest
{
    private const int LongestTimeout = 9;

    private static ReadOnlySpan<byte> MediaType => "application/grpc"u8;

    /// <summary>Is it of gRPC? <c>application/grpc-web</c> is another protocol, which HTTP's statuses are for.</summary>
    public static bool IsGrpc(HeaderBlock fields)
    {
        ArgumentNullException.ThrowIfNull(fields);
        int at = fields.IndexOf("content-type"u8);
        return at >= 0 && IsGrpc(fields.ValueAt(at));
    }

    /// <summary>Is that <c>content-type</c> of gRPC?</summary>
    public static bool IsGrpc(ReadOnlySpan<byte> type)
        => type.Length >= MediaType.Length
            && Ascii.EqualsIgnoreCase(type[..MediaType.Length], MediaType)
            && (type.Length == MediaType.Length || type[MediaType.Length] is (byte)'+' or (byte)';' or (byte)' ');

    /// <summary>Milliseconds that the client gives the call (<c>grpc-timeout</c>), 1 at least; 0 where it says nothing that can be read.</summary>
    public static int Timeout(HeaderBlock fields)
    {
        ArgumentNullException.ThrowIfNull(fields);
        int at = fields.IndexOf(KnownHeader.GrpcTimeout);
        if (at < 0)
        {
            return 0;
        }

        // Eight digits at most, and a unit.
        var value = fields.ValueAt(at);
        if (value.Length is < 2 or > LongestTimeout || value[..^1].IndexOfAnyExceptInRange((byte)'0', (byte)'9') >= 0
            || !Utf8Parser.TryParse(value[..^1], out long number, out _))
        {
            return 0;
        }

        long milliseconds = value[^1] switch
        {
            (byte)'H' => number * 3_600_000,
            (byte)'M' => number * 60_000,
            (byte)'S' => number * 1000,
            (byte)'m' => number,
            (byte)'u' => number / 1000,
            (byte)'n' => number / 1_000_000,
            _ => -1,
        };
        return milliseconds < 0 || !IsGrpc(fields) ? 0 : (int)Math.Clamp(milliseconds, 1, int.MaxValue);
    }
}
