using System.Diagnostics.CodeAnalysis;

namespace Outrider.Http.V2.Server;

/// <summary>
/// A connection's open streams by their number: one chain while they are few, then an array of chains, which grows with the streams. A part
/// of its connection, never copied.
/// </summary>
internal struct StreamTable
{
    // Up to here a walk along the chain costs no more than the array.
    private const int MaxInOneChain = 8;

    private Http2ServerStream? _chain;
    private Http2ServerStream?[]? _chains;

    internal int Count { get; private set; }

    internal readonly Http2ServerStream? Find(int id)
    {
        var stream = _chains is null ? _chain : _chains[Place(id)];
        while (stream is not null && stream.Id != id)
        {
            stream = stream.Chained;
        }

        return stream;
    }

    internal void Add(Http2ServerStream stream)
    {
        if (Count >= (_chains is null ? MaxInOneChain : _chains.Length * 2))
        {
            Grow();
        }

        Put(stream);
        Count++;
    }

    internal void Remove(Http2ServerStream stream)
    {
        ref var place = ref ChainOf(stream.Id);
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
        foreach (var first in _chains ?? [_chain])
        {
            for (var stream = first; stream is not null; stream = stream.Chained)
            {
                list[count++] = stream;
            }
        }
    }

    // A client's numbers are odd.
    private readonly int Place(int id) => (id >> 1) & (_chains!.Length - 1);

    [UnscopedRef]
    private ref Http2ServerStream? ChainOf(int id) => ref _chains is null ? ref _chain : ref _chains[Place(id)];

    private void Put(Http2ServerStream stream)
    {
        ref var chain = ref ChainOf(stream.Id);
        stream.Chained = chain;
        chain = stream;
    }

    private void Grow()
    {
        ReadOnlySpan<Http2ServerStream?> before = _chains ?? [_chain];
        _chain = null;
        _chains = new Http2ServerStream?[Math.Max(MaxInOneChain, (_chains?.Length ?? 0) * 2)];
        foreach (var first in before)
        {
            for (var stream = first; stream is not null;)
            {
                var next = stream.Chained;
                Put(stream);
                stream = next;
            }
        }
    }
}
