using Outrider.Plugins.Protocol;

namespace Outrider.Plugins.Sdk.Serving;

/// <summary>A call that ends with a status other than <see cref="GrpcStatus.Ok"/>.</summary>
internal sealed class GrpcFailureException(GrpcStatus status, string message) : Exception(message)
{
    internal GrpcStatus Status => status;
}
