namespace Outrider.Http.V2.Server;

/// <summary>
/// The streams that ended last, and which of them the peer may not have heard of yet (RFC 9113 §5.1, "closed"): what comes for those is
/// passed over, for the others it is a fault. A part of its connection; holds nothing before the first one.
/// </summary>
internal struct ClosedStreams
{
    private const int MaxRemembered = 32;
    private const int Smallest = 4;

    // Ids; below zero for those that we reset.
    private int[]? _ids;
    private int _next;

    internal void Add(int id, bool wasReset)
    {
        _ids ??= new int[Smallest];
        if (_next == _ids.Length)
        {
            // A connection that has had few requests remembers few.
            Grow();
        }

        _ids[_next++] = wasReset ? -id : id;
    }

    /// <summary>The peer reset it as well: it sends no more, whatever it had heard before.</summary>
    internal readonly void OnPeerReset(int id)
    {
        int place = _ids.AsSpan().IndexOf(-id);
        if (place >= 0)
        {
            _ids![place] = id;
        }
    }

    /// <summary>Is it one of the last, whose end the peer knows?</summary>
    internal readonly bool IsEnded(int id) => _ids.AsSpan().Contains(id);

    /// <summary>Is it one of the last that we reset?</summary>
    internal readonly bool WasReset(int id) => _ids.AsSpan().Contains(-id);

    private void Grow()
    {
        if (_ids!.Length < MaxRemembered)
        {
            Array.Resize(ref _ids, _ids.Length * 2);
        }
        else
        {
            _next = 0;
        }
    }
}
