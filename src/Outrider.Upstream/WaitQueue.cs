namespace Outrider.Upstream;

/// <summary>Those who wait, first come, first served. A part of a pool, or of a connection on its way.</summary>
internal sealed class WaitQueue
{
    private ConnectionWait? _last;

    internal int Count { get; private set; }

    internal ConnectionWait? First { get; private set; }

    internal void Add(ConnectionWait wait)
    {
        wait.Queue = this;
        wait.Next = null;
        wait.Previous = _last;
        if (_last is null)
        {
            First = wait;
        }
        else
        {
            _last.Next = wait;
        }

        _last = wait;
        Count++;
    }

    internal void Remove(ConnectionWait wait)
    {
        if (wait.Previous is null)
        {
            First = wait.Next;
        }
        else
        {
            wait.Previous.Next = wait.Next;
        }

        if (wait.Next is null)
        {
            _last = wait.Previous;
        }
        else
        {
            wait.Next.Previous = wait.Previous;
        }

        wait.Queue = null;
        wait.Next = wait.Previous = null;
        Count--;
    }

    /// <summary>Takes the first out; null when nobody waits.</summary>
    internal ConnectionWait? Take()
    {
        var first = First;
        if (first is not null)
        {
            Remove(first);
        }

        return first;
    }
}
