namespace Outrider.Modules.Abi;

/// <summary>What the local-reply hook answers.</summary>
internal enum LocalReplyStatus
{
    Continue,
    ContinueAndResetStream,
}
