namespace Outrider.Net;

/// <content>What is known of the connection and what was asked of it: one bit each, in one word.</content>
public abstract partial class Connection
{
    private const Flags NoMoreOutput = Flags.Closed | Flags.WriteFailed | Flags.OutputEnded | Flags.CloseWhenWritten | Flags.ShutdownWhenWritten;

    private Flags _flags;

    [Flags]
    private enum Flags : uint
    {
        /// <summary>We asked for the connection and the kernel has not answered.</summary>
        Connecting = 1,

        /// <summary>The socket is connected. Stays set when it closes.</summary>
        Open = 1 << 1,

        /// <summary>The codec wants no input for now, or there will be none.</summary>
        ReadPaused = 1 << 2,

        /// <summary>The socket may have input: an event said so and no read has shown otherwise.</summary>
        ReadReady = 1 << 3,

        /// <summary>The peer will send no more; what it sent may not have been read.</summary>
        PeerShutdown = 1 << 4,

        /// <summary>The kernel takes no more for now.</summary>
        WriteBlocked = 1 << 5,

        /// <summary>The codec was told so.</summary>
        BlockedTold = 1 << 6,

        /// <summary>A write failed: nothing more will be sent.</summary>
        WriteFailed = 1 << 7,

        /// <summary>The loop will call <see cref="RunFlush"/>.</summary>
        FlushQueued = 1 << 8,

        /// <summary>The loop will call <see cref="RunReady"/>.</summary>
        ReadQueued = 1 << 9,

        /// <summary>To be closed once all output is on its way.</summary>
        CloseWhenWritten = 1 << 10,

        /// <summary>What arrives is forgotten.</summary>
        Discarding = 1 << 11,

        /// <summary>The descriptor is closed.</summary>
        Closed = 1 << 12,

        /// <summary>The codec was told so.</summary>
        ClosedTold = 1 << 13,

        /// <summary>epoll tells of output too.</summary>
        WaitsForOutput = 1 << 14,

        /// <summary>Everything that the peer sent has been received.</summary>
        EndOfInput = 1 << 15,

        /// <summary>The kernel has taken something since <see cref="ForgetSent"/>.</summary>
        HasSent = 1 << 16,

        /// <summary>The peer is to be told, once all output is on its way, that no more will come.</summary>
        ShutdownWhenWritten = 1 << 17,

        /// <summary>The peer was told so.</summary>
        OutputEnded = 1 << 18,

        /// <summary>The peer was told so, and has a short time to close.</summary>
        Draining = 1 << 19,
    }

    /// <summary>Is the connection established, and not closed?</summary>
    public bool IsOpen => (_flags & (Flags.Open | Flags.Closed)) == Flags.Open;

    /// <summary>Has <see cref="Close"/> been called or the connection failed?</summary>
    public bool IsClosed => (_flags & Flags.Closed) != 0;

    /// <summary>Does output wait for the kernel?</summary>
    public bool IsWriteBlocked => (_flags & Flags.WriteBlocked) != 0;

    /// <summary>Has the peer said that it will send no more? (What it sent before may not have been read yet.)</summary>
    public bool IsPeerShutdown => (_flags & Flags.PeerShutdown) != 0;

    /// <summary>Is reading paused?</summary>
    public bool IsReadPaused => (_flags & Flags.ReadPaused) != 0;

    /// <summary>Has the kernel taken any byte since <see cref="ForgetSent"/>?</summary>
    protected bool HasSent => (_flags & Flags.HasSent) != 0;

    /// <summary>Has a write failed, so that nothing more will be sent?</summary>
    protected bool HasWriteFailed => (_flags & Flags.WriteFailed) != 0;

    /// <summary>Is the connection only waiting for the peer to close (<see cref="CloseWhenWritten"/>)? Then a timer ends it.</summary>
    protected bool IsClosing => (_flags & Flags.CloseWhenWritten) != 0;

    private bool MayRead => (_flags & (Flags.ReadPaused | Flags.Closed)) == 0;

    private bool MaySend => (_flags & (Flags.WriteBlocked | Flags.Open)) == Flags.Open;
}
