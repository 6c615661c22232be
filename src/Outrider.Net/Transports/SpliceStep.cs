namespace Outrider.Net.Transports;

/// <summary>How far a <see cref="TransportSplice"/> has come.</summary>
public enum SpliceStep
{
    /// <summary>The one has nothing more to read for now, or may not be read.</summary>
    Empty,

    /// <summary>Enough for one turn; the next one is to come.</summary>
    More,

    /// <summary>The other takes no more for now: go on when it has written (<see cref="Sockets.TransportHandler.OnWritten"/>).</summary>
    Blocked,

    /// <summary>It cannot go on this way: there is no pipe, the sockets are not of the kind, or the other takes nothing any more. The bytes go the ordinary way from here on.</summary>
    Over,
}
