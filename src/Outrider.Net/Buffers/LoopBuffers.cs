using System.Runtime.InteropServices;

namespace Outrider.Net.Buffers;

/// <summary>The memory that the connections of one loop share: what is received and decrypted into, lent for the length of a call, and the segments of what waits to be sent.</summary>
internal sealed unsafe class LoopBuffers : IDisposable
{
    private readonly int _size;
    private byte[]? _decrypt;

    /// <param name="size">Bytes of one read at most.</param>
    internal LoopBuffers(int size)
    {
        _size = size;
        Receive = (byte*)NativeMemory.Alloc((nuint)size);
    }

    /// <summary>Where sockets are read to.</summary>
    internal byte* Receive { get; }

    /// <summary>Where TLS decrypts to; lent to a codec for the length of a call, as <see cref="Receive"/> is. Made when it is first needed.</summary>
    internal byte[] Decrypt => _decrypt ??= GC.AllocateUninitializedArray<byte>(_size, pinned: true);

    /// <summary>Lends memory of others.</summary>
    internal BorrowedBytes Borrowed { get; } = new();

    /// <summary>What output waits in.</summary>
    internal SegmentPool Segments { get; } = new();

    /// <summary>The kernel's, for bytes that do not come through the process.</summary>
    internal PipePool Pipes { get; } = new();

    /// <summary>Frees the memory, and closes the pipes.</summary>
    public void Dispose()
    {
        NativeMemory.Free(Receive);
        Pipes.Dispose();
    }
}
