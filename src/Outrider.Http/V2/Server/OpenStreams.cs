using System.Buffers;

namespace Outrider.Http.V2.Server;

/// <summary>The streams that were open at one moment, for who may end some of them while looking at all. In an array of the shared pool, until it is disposed of.</summary>
internal readonly ref struct OpenStreams
{
    private readonly Http2ServerStream[] _streams;
    private readonly int _count;

    internal OpenStreams(ref readonly StreamTable table)
    {
        _count = table.Count;
        _streams = ArrayPool<Http2ServerStream>.Shared.Rent(_count);
        table.CopyTo(_streams);
    }

    public Span<Http2ServerStream>.Enumerator GetEnumerator() => _streams.AsSpan(0, _count).GetEnumerator();

    public void Dispose()
    {
        // A pool that held ended streams would keep their connections.
        Array.Clear(_streams, 0, _count);
        ArrayPool<Http2ServerStream>.Shared.Return(_streams);
    }
}
