using Outrider.Http.V2.FlowControl;

namespace Outrider.Http.V2.Sending;

/// <summary>A stream as far as it sends: what waits for its windows and its turn. Of either side of a connection; <see cref="StreamSender"/> asks it.</summary>
internal abstract class SendingStream
{
    /// <summary>The next in the ring of <see cref="StreamSender"/>; null for one that is not in it.</summary>
    internal SendingStream? NextToSend;

    /// <summary>Its number on the connection.</summary>
    internal abstract int Number { get; }

    /// <summary>How much the peer takes of it.</summary>
    internal abstract ref SendWindow SendWindow { get; }

    /// <summary>Is anything to be sent that had to wait, if only the end?</summary>
    internal abstract bool HasWaiting { get; }

    /// <summary>How much data waits.</summary>
    internal abstract int WaitingLength { get; }

    /// <summary>The data that waits.</summary>
    internal abstract ReadOnlySpan<byte> Waiting { get; }

    /// <summary>Keeps what cannot be sent now.</summary>
    internal abstract void Wait(ReadOnlySpan<byte> data, bool endStream);

    /// <summary>Does the stream's end go with the last of so many waiting bytes?</summary>
    internal abstract bool EndsWith(int count);

    /// <summary>So much of what waited was sent.</summary>
    internal abstract void OnSent(int count);

    /// <summary>A frame of data was written.</summary>
    internal abstract void OnWroteData(bool endStream);

    /// <summary>Sends what comes after the last of the data: trailers, or an end alone.</summary>
    internal abstract void WriteEnd(StreamSender sender);

    /// <summary>All that waited was sent.</summary>
    internal abstract void OnAllSent();
}
