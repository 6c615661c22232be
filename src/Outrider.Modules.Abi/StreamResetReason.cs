namespace Outrider.Modules.Abi;

/// <summary>How a filter resets its stream.</summary>
internal enum StreamResetReason
{
    LocalReset,
    LocalRefusedStreamReset,
}
