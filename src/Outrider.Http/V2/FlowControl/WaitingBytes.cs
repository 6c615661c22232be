using System.Buffers;

namespace Outrider.Http.V2.FlowControl;

/// <summary>Bytes of one stream that wait for their turn, in an array of the shared pool that is held only while some do. A field of a stream, never copied.</summary>
internal struct WaitingBytes
{
    private byte[]? _bytes;
    private int _start;

    internal int Length { get; private set; }

    internal readonly bool IsEmpty => Length == 0;

    /// <summary>What waits, good until the next call that changes it.</summary>
    internal readonly ReadOnlySpan<byte> Span => _bytes.AsSpan(_start, Length);

    /// <summary>Copies <paramref name="data"/> behind what waits.</summary>
    internal void Append(ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty)
        {
            return;
        }

        if (_bytes is null || _start + Length + data.Length > _bytes.Length)
        {
            MakeRoom(data.Length);
        }

        data.CopyTo(_bytes.AsSpan(_start + Length));
        Length += data.Length;
    }

    /// <summary>Takes so many bytes off the front.</summary>
    internal void Take(int count)
    {
        _start += count;
        Length -= count;
        if (Length == 0)
        {
            Drop();
        }
    }

    /// <summary>Forgets what waits.</summary>
    internal void Drop()
    {
        if (_bytes is not null)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = null;
        }

        _start = Length = 0;
    }

    private void MakeRoom(int more)
    {
        if (_bytes is not null && Length + more <= _bytes.Length)
        {
            Span.CopyTo(_bytes);
            _start = 0;
            return;
        }

        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(Length + more, Length * 2));
        Span.CopyTo(larger);
        if (_bytes is not null)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
        }

        _bytes = larger;
        _start = 0;
    }
}
