using Outrider.Net.Loops;

namespace Outrider.Upstream;

/// <summary>
/// Connections that carry one exchange at a time, while they rest. The one used last is used next, so that a burst's surplus grows idle
/// and closes. A part of the pool.
/// </summary>
internal struct ExclusiveConnections
{
    private ConnectionList _idle;

    /// <summary>A connection that rests and speaks one of the protocols; null when there is none.</summary>
    /// <param name="loop">The pool's loop.</param>
    /// <param name="protocol">What it is to speak.</param>
    /// <param name="speaksHttp2">Did the request come by HTTP/2?</param>
    /// <param name="verify">Look, with a system call, whether it is still good: the request could not be sent twice.</param>
    internal PooledConnection? Take(EventLoop loop, UpstreamProtocol protocol, bool speaksHttp2, bool verify)
    {
        bool looks = verify || (_idle.First is not null && !loop.LookIfStale());
        for (var connection = _idle.First; connection is not null;)
        {
            var next = connection.Next;
            if (connection.Codec == protocol.InPlainText(speaksHttp2) || (connection.Origin is not null && protocol.Speaks(connection.Codec!)))
            {
                var transport = connection.Transport;
                Remove(connection);
                // What has lain in the socket for a while answers nobody: it must not become the answer to this request.
                if (transport.IsOpen && !transport.IsPeerShutdown && !transport.HasUnread && (!looks || transport.IsQuiet()))
                {
                    return connection;
                }

                transport.Close();
                // Closing may have ended others.
                next = _idle.First;
            }

            connection = next;
        }

        return null;
    }

    internal void Add(PooledConnection connection)
    {
        connection.IsIdle = true;
        _idle.Add(connection);
    }

    internal void Remove(PooledConnection connection)
    {
        connection.IsIdle = false;
        _idle.Remove(connection);
    }

    /// <summary>Closes all.</summary>
    internal void Close()
    {
        while (_idle.First is { } connection)
        {
            Remove(connection);
            connection.Transport.Close();
        }
    }
}
