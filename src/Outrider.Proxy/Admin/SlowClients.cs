namespace Outrider.Proxy.Admin;

/// <summary>
/// The connections of the admin API that wait for their clients, the one that has waited longest first. When there are too many it is cut,
/// so that clients which say nothing, however many, never keep others waiting. Any thread.
/// </summary>
/// <param name="limit">How many may wait.</param>
internal sealed class SlowClients(int limit)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<CancellationTokenSource> _waiting = new();

    /// <summary>A connection begins to wait for its client.</summary>
    /// <param name="cut">Cancelled when it has to make room.</param>
    /// <returns>What <see cref="Leave"/> takes.</returns>
    public LinkedListNode<CancellationTokenSource> Enter(CancellationTokenSource cut)
    {
        LinkedListNode<CancellationTokenSource> node;
        CancellationTokenSource? oldest = null;
        lock (_gate)
        {
            node = _waiting.AddLast(cut);
            if (_waiting.Count > limit)
            {
                oldest = _waiting.First!.Value;
                _waiting.RemoveFirst();
            }
        }

        try
        {
            oldest?.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has just ended by itself.
        }

        return node;
    }

    /// <summary>It does not wait any more. Once is enough, more do no harm.</summary>
    public void Leave(LinkedListNode<CancellationTokenSource> node)
    {
        lock (_gate)
        {
            if (node.List == _waiting)
            {
                _waiting.Remove(node);
            }
        }
    }
}
