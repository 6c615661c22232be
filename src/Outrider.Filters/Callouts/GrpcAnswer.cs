namespace Outrider.Filters;

/// <summary>What a <see cref="GrpcCallout"/> ended with, whatever its status. The caller's own.</summary>
/// <param name="status">The status, by gRPC's numbers: 0 for success.</param>
/// <param name="statusText">What the service says of the status; empty for nothing.</param>
/// <param name="message">The answer's message, serialized; empty without one.</param>
public sealed class GrpcAnswer(int status, string statusText, ReadOnlyMemory<byte> message)
{
    /// <summary>The status, by gRPC's numbers (grpc/grpc, doc/statuscodes.md): 0 for success.</summary>
    public int Status { get; } = status;

    /// <summary>What the service says of the status; empty for nothing.</summary>
    public string StatusText { get; } = statusText;

    /// <summary>The answer's message, serialized; empty without one.</summary>
    public ReadOnlyMemory<byte> Message { get; } = message;

    /// <summary>True for status 0.</summary>
    public bool IsSuccess => Status == 0;
}
