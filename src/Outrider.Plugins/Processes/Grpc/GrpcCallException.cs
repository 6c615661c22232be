using Outrider.Plugins.Protocol;

namespace Outrider.Plugins.Processes.Grpc;

/// <summary>A gRPC call ended with a status other than <see cref="GrpcStatus.Ok"/>, the other side's or ours.</summary>
internal sealed class GrpcCallException(GrpcStatus status, string message, Exception? innerException = null) : Exception(message, innerException)
{
    internal GrpcStatus Status => status;

    /// <summary>True when the call never left: asking again cannot do anything twice.</summary>
    internal bool IsUnsent { get; init; }
}
