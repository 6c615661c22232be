namespace Outrider.Http.V2.Sending;

/// <summary>A stream as far as it sends. Of either side of a connection; <see cref="StreamSender"/> sends what waits in it, and tells it.</summary>
internal abstract class SendingStream
{
    /// <summary>The next in the ring of <see cref="StreamSender"/>; null for one that is not in it.</summary>
    internal SendingStream? NextToSend;

    /// <summary>The next of those that wait for <see cref="TellNews"/>; null for the last, and for one that does not.</summary>
    internal SendingStream? NextWithNews;

    /// <summary>What it has yet to send.</summary>
    internal Outflow Out;

    /// <summary>Its number on the connection; 0 before it has one.</summary>
    internal int Id { get; private protected set; }

    /// <summary>Data waits now that did not before.</summary>
    internal virtual void OnWaiting()
    {
    }

    /// <summary>Some of what waited was sent.</summary>
    internal abstract void OnSent();

    /// <summary>A frame of data was written.</summary>
    /// <param name="length">Its bytes.</param>
    /// <param name="shut">Is a window used up by it?</param>
    internal virtual void OnWroteData(int length, bool shut)
    {
    }

    /// <summary>The message's end was written.</summary>
    internal virtual void OnWroteEnd()
    {
    }

    /// <summary>All that waited was sent.</summary>
    internal abstract void OnAllSent();

    /// <summary>Tells its user what could not be told from within a call.</summary>
    internal abstract void TellNews();
}
