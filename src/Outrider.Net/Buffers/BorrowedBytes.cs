using System.Buffers;

namespace Outrider.Net.Buffers;

/// <summary>
/// Lets a span be given to a method that asks for memory and is known to be done with it when it returns. One of each loop;
/// whoever lends takes back before anything else can happen.
/// </summary>
internal sealed unsafe class BorrowedBytes : MemoryManager<byte>
{
    private byte* _bytes;
    private int _length;

    /// <summary>The bytes as memory, until the next call. They must be pinned.</summary>
    internal ReadOnlyMemory<byte> Lend(byte* bytes, int length)
    {
        _bytes = bytes;
        _length = length;
        return CreateMemory(length);
    }

    internal void TakeBack()
    {
        _bytes = null;
        _length = 0;
    }

    public override Span<byte> GetSpan() => new(_bytes, _length);

    public override MemoryHandle Pin(int elementIndex = 0) => new(_bytes + elementIndex);

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
    }
}
