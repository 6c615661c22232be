namespace Outrider.Proxy.Admin;

/// <summary>
/// The connections of the admin API on one loop that wait for their clients, the one that has waited longest first. When there are too many
/// it is cut, so that clients which say nothing, however many, never keep others waiting; but not at once, since those that have just been accepted
/// may have said something that nobody has read yet. On the loop.
/// </summary>
/// <param name="limit">How many may wait for long.</param>
internal sealed class SlowClients(int limit)
{
    // As many may come at the same time; and how long is not at once, in milliseconds.
    private const int AtOnce = 8;
    private const int Long = 250;

    private readonly LinkedList<AdminConnection> _waiting = new();

    /// <summary>A connection begins to wait for its client.</summary>
    /// <returns>What <see cref="Leave"/> takes.</returns>
    public LinkedListNode<AdminConnection> Enter(AdminConnection connection)
    {
        var node = _waiting.AddLast(connection);
        while (_waiting.Count > limit && (connection.Now - _waiting.First!.Value.WaitsSince >= Long || _waiting.Count > AtOnce * limit))
        {
            CutOldest();
        }

        return node;
    }

    /// <summary>Somebody needs what the connection has that has waited longest.</summary>
    public void CutOldest()
    {
        if (_waiting.First is { } oldest)
        {
            _waiting.RemoveFirst();
            oldest.Value.Cut();
        }
    }

    /// <summary>It does not wait any more. Once is enough, more do no harm.</summary>
    public void Leave(LinkedListNode<AdminConnection>? node)
    {
        if (node?.List == _waiting)
        {
            _waiting.Remove(node);
        }
    }
}
