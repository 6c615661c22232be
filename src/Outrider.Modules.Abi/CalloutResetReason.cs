namespace Outrider.Modules.Abi;

/// <summary>Why a streamed callout ended before its time.</summary>
internal enum CalloutResetReason
{
    ConnectionFailure,
    ConnectionTermination,
    LocalReset,
    LocalRefusedStreamReset,
    Overflow,
    RemoteReset,
    RemoteRefusedStreamReset,
    ProtocolError,
}
