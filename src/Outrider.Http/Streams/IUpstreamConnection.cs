using Outrider.Http.Messages;
using Outrider.Net.Transports;

namespace Outrider.Http.Streams;

/// <summary>
/// A connection to an upstream, whatever it speaks: it has free slots, and an exchange attaches to one. HTTP/1 has one slot, a
/// multiplexed protocol as many as its peer allows. On its loop.
/// </summary>
public interface IUpstreamConnection
{
    /// <summary>The connection.</summary>
    Transport Transport { get; }

    /// <summary>What is spoken, as access logs say it: <c>HTTP/2</c>.</summary>
    string Protocol { get; }

    /// <summary>Exchanges that could begin now; 0 once the connection drains or is closed.</summary>
    int FreeSlots { get; }

    /// <summary>Exchanges that are under way.</summary>
    int ActiveExchanges { get; }

    /// <summary>Exchanges that have begun since the connection was made.</summary>
    int ExchangeCount { get; }

    /// <summary>Begins an exchange: sends the request's head. <see cref="MessageHead.Framing"/> says what follows. Only while there is a free slot.</summary>
    /// <param name="receiver">Who is told of the response; never from within this call.</param>
    /// <param name="request">The request; only read, until the exchange ends.</param>
    /// <param name="endStream">Nothing follows the head.</param>
    IExchange Attach(IResponseReceiver receiver, RequestHead request, bool endStream);

    /// <summary>Begins no more exchanges, and closes when those under way have ended: now, if there are none.</summary>
    void Drain();

    /// <summary>It closes after so many milliseconds unless an exchange begins before. While none is under way.</summary>
    void Rest(int idleTimeout);
}
