namespace Outrider.Proxy.Server;

/// <summary>Why a client has to wait in the kernel's queue.</summary>
internal enum WaitReason
{
    /// <summary>The listener has as many connections as it may have.</summary>
    ListenerLimit,

    /// <summary>The process has as many connections as it may have.</summary>
    ProcessLimit,

    /// <summary>The process is short of descriptors.</summary>
    Descriptors,
}
