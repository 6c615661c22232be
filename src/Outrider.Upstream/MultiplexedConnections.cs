namespace Outrider.Upstream;

/// <summary>
/// Connections that carry many exchanges at once. The oldest with a free slot gets the next exchange, so that there are as few as the
/// slots allow. A part of the pool.
/// </summary>
internal struct MultiplexedConnections()
{
    private readonly List<PooledConnection> _connections = [];

    /// <summary>A connection with a free slot that speaks one of the protocols; null when there is none.</summary>
    internal readonly PooledConnection? Find(UpstreamProtocol protocol, bool speaksHttp2)
    {
        foreach (var connection in _connections)
        {
            if (connection.Connection!.FreeSlots > 0
                && (connection.Origin is null ? connection.Codec == protocol.InPlainText(speaksHttp2) : protocol.Speaks(connection.Codec!)))
            {
                return connection;
            }
        }

        return null;
    }

    internal readonly void Add(PooledConnection connection) => _connections.Add(connection);

    /// <summary>Gets no more exchanges. False: it was none of these.</summary>
    internal readonly bool Remove(PooledConnection connection) => _connections.Remove(connection);

    /// <summary>Closes each when its exchanges have ended, and those without any at once.</summary>
    internal readonly void Drain()
    {
        PooledConnection[] all = [.. _connections];
        _connections.Clear();
        foreach (var connection in all)
        {
            connection.Connection!.Drain();
        }
    }

    /// <summary>Closes those without exchanges.</summary>
    internal readonly void CloseIdle()
    {
        foreach (var connection in _connections.Where(static c => c.Connection!.ActiveExchanges == 0).ToArray())
        {
            _ = _connections.Remove(connection);
            connection.Connection!.Drain();
        }
    }
}
