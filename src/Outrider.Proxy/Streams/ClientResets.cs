using Outrider.Filters;
using Outrider.Http.Rules;
using Outrider.Http.Streams;

namespace Outrider.Proxy.Streams;

/// <summary>What logs say of a request whose client's side broke off.</summary>
internal static class ClientResets
{
    internal static (string Details, ResponseFlags Flags) Of(ResetReason reason, ProtocolError? error, bool isTunnel) => reason switch
    {
        ResetReason.SendTimeout => ("the client took nothing for too long", ResponseFlags.StreamIdleTimeout),
        ResetReason.ReceiveTimeout when isTunnel => ("nothing came through the tunnel for too long", ResponseFlags.StreamIdleTimeout),
        ResetReason.ReceiveTimeout when error is not null => (error.Message, RefusedRequest.FlagOf(error)),
        ResetReason.ReceiveTimeout => ("the client sent nothing for too long", ResponseFlags.StreamIdleTimeout),
        ResetReason.Shutdown => ("the proxy stopped", ResponseFlags.LocalReset),
        _ => (error?.Message ?? "the client closed the connection", ResponseFlags.DownstreamConnectionTermination),
    };
}
