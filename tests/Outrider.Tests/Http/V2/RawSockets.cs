using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Outrider.Tests.Http.V2;

/// <summary>Blocking sockets that are numbers and no objects: for tests that measure what the other end of a connection costs this process.</summary>
internal static partial class RawSockets
{
    private const int Inet = 2, Stream = 1;

    internal static int Connect(int port)
    {
        int socket = Open(Inet, Stream, 0);
        Span<byte> address = stackalloc byte[16];
        address.Clear();
        address[0] = Inet;
        BinaryPrimitives.WriteUInt16BigEndian(address[2..], (ushort)port);
        address[4] = 127;
        address[7] = 1;
        Assert.True(socket >= 0 && Connect(socket, address, address.Length) == 0, "no connection");
        return socket;
    }

    internal static void Send(int socket, ReadOnlySpan<byte> bytes) => Assert.Equal(bytes.Length, Send(socket, bytes, bytes.Length, 0));

    /// <summary>Reads what is there, or waits for it; 0 at the end.</summary>
    internal static int Receive(int socket, Span<byte> into) => (int)Receive(socket, into, into.Length, 0);

    internal static void Close(int socket) => _ = CloseIt(socket);

    [LibraryImport("libc", EntryPoint = "socket")]
    private static partial int Open(int domain, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "connect")]
    private static partial int Connect(int socket, ReadOnlySpan<byte> address, int length);

    [LibraryImport("libc", EntryPoint = "send")]
    private static partial nint Send(int socket, ReadOnlySpan<byte> bytes, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "recv")]
    private static partial nint Receive(int socket, Span<byte> bytes, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int CloseIt(int socket);
}
