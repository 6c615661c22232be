using Outrider.Net.Listening;
using Outrider.Net.Loops;
using Outrider.Net.Transports;

namespace Outrider.Proxy.Listening;

/// <summary>
/// Has a listener's filters look at a connection, one after the other, and then gives it away. Where none of them needs bytes that is
/// done before the connection has a handler at all; otherwise this is its handler until then, and gone afterwards.
/// </summary>
internal sealed class Inspection : OwnedConnection
{
    private readonly IChainChooser _chooser;
    private readonly ChainTable _table;
    private readonly AcceptedTransport _connection;
    private int _filter;

    private Inspection(AcceptedTransport connection, IChainChooser chooser, ChainTable table, int filter) : base(connection.Opening.Transport, chooser)
    {
        _connection = connection;
        _chooser = chooser;
        _table = table;
        _filter = filter;
    }

    /// <summary>A connection was accepted. True: all filters have said go on. Otherwise one needs bytes, or does not want the connection: it has a handler.</summary>
    internal static bool Begin(ConnectionOpening opening, IChainChooser chooser, ChainTable table)
    {
        if (table.Filters.Length == 0)
        {
            return true;
        }

        var connection = new AcceptedTransport(chooser.ListenerName, opening);
        for (int i = 0; i < table.Filters.Length; i++)
        {
            var result = table.Filters[i].Inspect(connection, default, isAll: false);
            if (result.NeedsMore)
            {
                opening.Transport.Handler = new Inspection(connection, chooser, table, i);
                opening.Transport.PeekInput(true);
                return false;
            }

            if (result.CloseReason is { } reason)
            {
                chooser.OnRejected(opening, reason);
                opening.Transport.Handler = new RefusedConnection(opening.Transport, chooser);
                return false;
            }
        }

        return true;
    }

    /// <inheritdoc/>
    public override void OnConnected()
    {
        base.OnConnected();
        if (_table.Timeout > 0)
        {
            Transport.Arm(_table.Timeout);
        }
    }

    /// <inheritdoc/>
    public override void OnPeeked(ReadOnlySpan<byte> data, bool isAll)
    {
        int consumed = 0;
        for (; _filter < _table.Filters.Length; _filter++)
        {
            var filter = _table.Filters[_filter];
            var rest = data[consumed..];
            var result = filter.Inspect(_connection, rest, isAll);
            if (result.NeedsMore)
            {
                if (isAll || rest.Length >= Math.Min(filter.MaxBytes, EventLoop.ReceiveBufferSize))
                {
                    Reject(isAll ? "the connection ended before its first bytes were whole" : $"its first {rest.Length} bytes say nothing to the listener's filters");
                    return;
                }

                // What filters before have consumed must not be shown to them again; the next look starts behind it.
                Transport.SkipPeeked(consumed);
                return;
            }

            if (result.CloseReason is { } reason)
            {
                Reject(reason);
                return;
            }

            consumed += Math.Min(result.Consumed, rest.Length);
        }

        Transport.SkipPeeked(consumed);
        Transport.Disarm();
        // First, so that what the new handler asks for (to wait, say) holds.
        Transport.PeekInput(false);
        _chooser.HandOver(_connection.Opening);
    }

    /// <inheritdoc/>
    public override int OnReceived(ReadOnlySpan<byte> data) => data.Length;

    /// <inheritdoc/>
    public override void OnEndOfInput() => Transport.Close();

    /// <inheritdoc/>
    public override void OnTimer() => Reject("its first bytes did not come in time");

    /// <inheritdoc/>
    public override void OnDrain()
    {
        if (Transport.IsQuiet())
        {
            Transport.Close();
        }
    }

    private void Reject(string reason)
    {
        _chooser.OnRejected(_connection.Opening, reason);
        Transport.Close();
    }
}
