using Outrider.Http.Headers;

namespace Outrider.Http.Grpc;

/// <summary>gRPC's statuses (grpc/grpc, doc/statuscodes.md), as numbers and as the names that Envoy gives them in logs. Allocates nothing.</summary>
public static class GrpcStatus
{
    /// <summary>What has no better status.</summary>
    public const int Unknown = 2;

    /// <summary>The call's time is over.</summary>
    public const int DeadlineExceeded = 4;

    /// <summary>The highest number that there is.</summary>
    public const int Highest = 16;

    private const int PermissionDenied = 7;
    private const int Unimplemented = 12;
    private const int Internal = 13;
    private const int Unavailable = 14;
    private const int Unauthenticated = 16;

    /// <summary>The status that stands in a response's head or trailers; −1 for none, or none that can be read.</summary>
    public static int In(HeaderBlock fields)
    {
        ArgumentNullException.ThrowIfNull(fields);
        int at = fields.IndexOf("grpc-status"u8);
        if (at < 0)
        {
            return -1;
        }

        int status = 0;
        var value = fields.ValueAt(at);
        foreach (byte digit in value)
        {
            if (digit is < (byte)'0' or > (byte)'9' || value.Length > 8)
            {
                return -1;
            }

            status = (status * 10) + digit - '0';
        }

        return value.IsEmpty ? -1 : status;
    }

    /// <summary>What a status of HTTP is in gRPC: Envoy's table, which is that of clients (grpc/grpc, doc/http-grpc-status-mapping.md).</summary>
    public static int OfHttp(int status) => status switch
    {
        400 => Internal,
        401 => Unauthenticated,
        403 => PermissionDenied,
        404 => Unimplemented,
        429 or 502 or 503 or 504 => Unavailable,
        _ => Unknown,
    };

    /// <summary>What a status of gRPC is in HTTP, as Envoy has it where it counts failures; 500 for none, and for a number that gRPC does not know.</summary>
    public static int ToHttp(int status) => status switch
    {
        0 => 200,
        1 => 499,
        3 or 9 or 11 => 400,
        DeadlineExceeded => 504,
        5 => 404,
        6 or 10 => 409,
        PermissionDenied => 403,
        8 => 429,
        Unimplemented => 501,
        Unavailable => 503,
        Unauthenticated => 401,
        _ => 500,
    };

    /// <summary>The name in logs; empty for a number that gRPC does not know.</summary>
    public static ReadOnlySpan<byte> NameOf(int status) => status switch
    {
        0 => "OK"u8,
        1 => "Canceled"u8,
        Unknown => "Unknown"u8,
        3 => "InvalidArgument"u8,
        DeadlineExceeded => "DeadlineExceeded"u8,
        5 => "NotFound"u8,
        6 => "AlreadyExists"u8,
        PermissionDenied => "PermissionDenied"u8,
        8 => "ResourceExhausted"u8,
        9 => "FailedPrecondition"u8,
        10 => "Aborted"u8,
        11 => "OutOfRange"u8,
        Unimplemented => "Unimplemented"u8,
        Internal => "Internal"u8,
        Unavailable => "Unavailable"u8,
        15 => "DataLoss"u8,
        Unauthenticated => "Unauthenticated"u8,
        _ => default,
    };
}
