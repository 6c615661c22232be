using System.Runtime.InteropServices;

namespace Outrider.Net.Interop;

/// <summary>
/// <c>struct epoll_event</c>. The kernel packs it to 12 bytes on x86-64 and aligns it to 16 elsewhere
/// (<c>sys/epoll.h</c>, <c>__EPOLL_PACKED</c>), so arrays of it are walked with <see cref="Size"/> and this struct only
/// names the largest form.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = 16)]
internal unsafe struct EpollEvent
{
    /// <summary>Bytes from one event of an array to the next.</summary>
    internal static readonly int Size = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;

    private static readonly int s_dataOffset = Size - 8;

    internal static void Write(EpollEvent* slot, uint events, ulong data)
    {
        *(uint*)slot = events;
        Marshal.WriteInt64((nint)slot + s_dataOffset, (long)data);
    }

    internal static uint Events(byte* slot) => *(uint*)slot;

    internal static ulong Data(byte* slot) => System.Runtime.CompilerServices.Unsafe.ReadUnaligned<ulong>(slot + s_dataOffset);
}

/// <summary><c>struct iovec</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct IoVector
{
    public void* Base;
    public nint Length;
}

/// <summary><c>struct msghdr</c> of 64-bit Linux.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct MessageHeader
{
    public void* Name;
    public uint NameLength;
    public IoVector* Vectors;
    public nint VectorCount;
    public void* Control;
    public nint ControlLength;
    public int Flags;
}
