using Outrider.Http.V1;

namespace Outrider.Proxy.Server;

/// <summary>A listener's open connections on one loop. They are linked to each other, so that opening and closing one costs no memory.</summary>
internal sealed class OpenConnections
{
    private Http1ServerConnection? _first;

    internal int Count { get; private set; }

    internal void Add(Http1ServerConnection connection)
    {
        connection.NextInList = _first;
        if (_first is not null)
        {
            _first.PreviousInList = connection;
        }

        _first = connection;
        Count++;
    }

    /// <summary>Takes one out. False: it is not here, because it failed before it was opened.</summary>
    internal bool Remove(Http1ServerConnection connection)
    {
        if (connection.PreviousInList is not null)
        {
            connection.PreviousInList.NextInList = connection.NextInList;
        }
        else if (_first == connection)
        {
            _first = connection.NextInList;
        }
        else
        {
            return false;
        }

        if (connection.NextInList is not null)
        {
            connection.NextInList.PreviousInList = connection.PreviousInList;
        }

        connection.NextInList = connection.PreviousInList = null;
        Count--;
        return true;
    }

    /// <summary>Closes those that no request is under way on.</summary>
    internal void CloseIdle()
    {
        for (var connection = _first; connection is not null; connection = connection.NextInList)
        {
            connection.CloseIfIdle();
        }
    }

    /// <summary>Closes some that have waited for a request for so long: those that have waited longest, or half as long as that. Returns how many.</summary>
    internal int CloseResting(int milliseconds, int most)
    {
        uint longest = 0;
        for (var connection = _first; connection is not null; connection = connection.NextInList)
        {
            longest = Math.Max(longest, connection.RestingMilliseconds);
        }

        int closed = 0;
        uint least = Math.Max((uint)milliseconds, longest / 2);
        for (var connection = _first; longest >= least && connection is not null && closed < most; connection = connection.NextInList)
        {
            if (connection.RestingMilliseconds >= least)
            {
                connection.CloseIfIdle();
                closed++;
            }
        }

        return closed;
    }

    /// <summary>Closes all at once: the proxy stops.</summary>
    internal void CloseAll()
    {
        for (var connection = _first; connection is not null; connection = connection.NextInList)
        {
            connection.Cut();
        }
    }
}
