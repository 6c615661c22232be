using Outrider.Http.Rules;

namespace Outrider.Http.Streams;

/// <summary>How an exchange with an upstream failed.</summary>
/// <param name="Reason">What happened.</param>
/// <param name="Error">The errno of it, or 0.</param>
/// <param name="NothingSent">No byte of the request has left this machine's buffers, or the peer has shown that it understood none: it can be sent elsewhere, whatever its method.</param>
/// <param name="WasReused">The connection had served a request before, so its end may only mean that it was idle for too long.</param>
/// <param name="ResponseBegun">A part of the response has come.</param>
/// <param name="Protocol">What was wrong with the response, for <see cref="ResetReason.ProtocolError"/>.</param>
public readonly record struct UpstreamFailure(
    ResetReason Reason,
    int Error,
    bool NothingSent,
    bool WasReused,
    bool ResponseBegun,
    ProtocolError? Protocol)
{
    /// <summary>The peer's own reason as a number of its protocol, for <see cref="ResetReason.StreamReset"/>; 0 where it has none.</summary>
    public uint Code { get; init; }

    /// <summary>The peer has never begun to speak the protocol: where there is a choice it may speak the other one.</summary>
    public bool SpokeNever { get; init; }

    /// <summary>What TLS had to say, where that is what failed.</summary>
    public string? Tls { get; init; }
}
