namespace Outrider.Net.Sockets;

/// <summary>Where a socket is between its beginning and its end, and what it has asked its loop for. Four bytes: they lie where those of the timer end, and one byte would take eight of its own.</summary>
[Flags]
internal enum SocketState : uint
{
    /// <summary>We asked for the connection and the kernel has not answered.</summary>
    Connecting = 1,

    /// <summary>The socket is connected. Stays set when it closes.</summary>
    Open = 2,

    /// <summary>The loop will call <see cref="Transports.Transport.RunFlush"/>.</summary>
    FlushQueued = 4,

    /// <summary>To be closed once all output is on its way.</summary>
    Closing = 8,

    /// <summary>The peer was told that there is no more, and has a short time to close.</summary>
    Draining = 16,

    /// <summary>The descriptor is closed.</summary>
    Closed = 32,

    /// <summary>The owner was told so.</summary>
    ClosedTold = 64,

    /// <summary>The handler of the connection is a stage before the one who reads.</summary>
    Staged = 128,

    /// <summary>Output leaves when all events at hand are done.</summary>
    Gathering = 256,
}
