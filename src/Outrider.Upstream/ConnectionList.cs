namespace Outrider.Upstream;

/// <summary>Connections of a pool, the one that was added last first. A part of the pool, never copied.</summary>
internal struct ConnectionList
{
    internal PooledConnection? First { get; private set; }

    internal readonly bool IsEmpty => First is null;

    internal void Add(PooledConnection connection)
    {
        connection.Previous = null;
        connection.Next = First;
        if (First is not null)
        {
            First.Previous = connection;
        }

        First = connection;
    }

    internal void Remove(PooledConnection connection)
    {
        if (connection.Previous is not null)
        {
            connection.Previous.Next = connection.Next;
        }
        else
        {
            First = connection.Next;
        }

        if (connection.Next is not null)
        {
            connection.Next.Previous = connection.Previous;
        }

        connection.Next = connection.Previous = null;
    }
}
