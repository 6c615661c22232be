namespace Outrider.Http.Streams;

/// <summary>Who made a connection to an upstream and gives it exchanges: a pool. Told on the loop.</summary>
public interface IUpstreamConnectionOwner
{
    /// <summary>Where a connection with many streams counts; null for nowhere.</summary>
    MultiplexCounts? Counts => null;

    /// <summary>Slots have become free: an exchange has ended, or the peer allows more.</summary>
    void OnFreeSlots();

    /// <summary>The peer takes no more exchanges on this connection; those that it has begun with may end. Another connection is needed for the next.</summary>
    void OnDraining();

    /// <summary>The peer has said that it will close the connection once the exchanges under way have ended (GOAWAY). What the head of a response says of it, its receiver sees.</summary>
    void OnCloseNotice()
    {
    }

    /// <summary>In clear text the peer has not begun to speak the protocol, and <see cref="OnClosed"/> follows.</summary>
    /// <param name="isCertain">What it has said instead is another protocol. Otherwise it has only been silent, or closed.</param>
    void OnSpokeNever(bool isCertain)
    {
    }

    /// <summary>The connection is closed; what was under way still counts in <see cref="IUpstreamConnection.ActiveExchanges"/>. Its exchanges are told after this.</summary>
    /// <param name="error">0, or the errno of what ended it.</param>
    /// <param name="reason">What the peer did wrong or said in parting; empty when it just ended.</param>
    void OnClosed(int error, string reason);
}
