namespace Outrider.Http.V2.Server;

/// <summary>A connection's open streams by their number: a small array of chains, which grows with the streams. A part of its connection, never copied.</summary>
internal struct StreamTable
{
    private const int Smallest = 4;

    private Http2ServerStream?[]? _chains;

    internal int Count { get; private set; }

    internal readonly Http2ServerStream? Find(int id)
    {
        if (_chains is null)
        {
            return null;
        }

        var stream = _chains[Place(id)];
        while (stream is not null && stream.Id != id)
        {
            stream = stream.Chained;
        }

        return stream;
    }

    internal void Add(Http2ServerStream stream)
    {
        if (_chains is null || Count >= _chains.Length * 2)
        {
            Grow();
        }

        ref var chain = ref _chains![Place(stream.Id)];
        stream.Chained = chain;
        chain = stream;
        Count++;
    }

    internal void Remove(Http2ServerStream stream)
    {
        ref var place = ref _chains![Place(stream.Id)];
        while (place is not null && place != stream)
        {
            place = ref place.Chained;
        }

        if (place is not null)
        {
            place = stream.Chained;
            stream.Chained = null;
            Count--;
        }
    }

    /// <summary>Copies the streams to <paramref name="list"/>, for who may end some of them while looking at all.</summary>
    internal readonly void CopyTo(Span<Http2ServerStream> list)
    {
        int count = 0;
        foreach (var first in _chains ?? [])
        {
            for (var stream = first; stream is not null; stream = stream.Chained)
            {
                list[count++] = stream;
            }
        }
    }

    // A client's numbers are odd.
    private readonly int Place(int id) => (id >> 1) & (_chains!.Length - 1);

    private void Grow()
    {
        var before = _chains ?? [];
        _chains = new Http2ServerStream?[Math.Max(Smallest, before.Length * 2)];
        foreach (var first in before)
        {
            for (var stream = first; stream is not null;)
            {
                var next = stream.Chained;
                ref var chain = ref _chains[Place(stream.Id)];
                stream.Chained = chain;
                chain = stream;
                stream = next;
            }
        }
    }
}
