using Outrider.Net.Descriptors;
using Outrider.Net.Interop;

namespace Outrider.Net.Buffers;

/// <summary>
/// A pipe of the kernel, in which bytes on their way from one socket to another wait without passing through the process (splice(2)). It
/// belongs to the <see cref="PipePool"/> of a loop and to whoever it is lent to. On that loop.
/// </summary>
internal sealed unsafe class KernelPipe
{
    private readonly int _reader, _writer;

    private KernelPipe(int reader, int writer, int size)
    {
        _reader = reader;
        _writer = writer;
        Size = size;
    }

    /// <summary>Bytes that it was to hold.</summary>
    internal int Size { get; }

    /// <summary>Bytes that wait in it.</summary>
    internal int Length { get; private set; }

    /// <summary>A pipe of that size; null when the process is short of descriptors, or its user has as much of pipes as he may (pipe(7)).</summary>
    internal static KernelPipe? TryCreate(int size)
    {
        int* ends = stackalloc int[2];
        if (LibC.pipe2(ends, Constants.O_CLOEXEC | Constants.O_NONBLOCK) != 0)
        {
            return null;
        }

        var pipe = new KernelPipe(ends[0], ends[1], size);
        // What clients may not have, pipes may not either. A small pipe would save nothing.
        if (Math.Max(ends[0], ends[1]) >= DescriptorBudget.Process.AcceptCeiling || LibC.fcntl(ends[1], Constants.F_SETPIPE_SZ, size) < 0)
        {
            pipe.Close();
            return null;
        }

        return pipe;
    }

    /// <summary>Takes what a socket has received, while the pipe is empty. Returns the number of bytes, 0 at the end of input, or a negated errno.</summary>
    internal nint Fill(int socket)
    {
        nint count = LibC.splice(socket, null, _writer, null, Size, Constants.SPLICE_F_MOVE | Constants.SPLICE_F_NONBLOCK);
        if (count < 0)
        {
            return -LibC.Error;
        }

        Length += (int)count;
        return count;
    }

    /// <summary>Gives a socket to send what waits. Returns the number of bytes that it took, or a negated errno.</summary>
    internal nint Drain(int socket)
    {
        nint count = LibC.splice(_reader, null, socket, null, Length, Constants.SPLICE_F_MOVE | Constants.SPLICE_F_NONBLOCK);
        return Taken(count);
    }

    /// <summary>Reads some of what waits into the process. Returns the number of bytes, or a negated errno.</summary>
    internal nint Read(Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            return Taken(LibC.read(_reader, start, Math.Min(buffer.Length, Length)));
        }
    }

    /// <summary>
    /// Does the errno of <see cref="Fill"/> or <see cref="Drain"/> say that it cannot be done with these sockets or on this machine (a sandbox that does not let a
    /// process call splice(2)), or not now, and nothing of the connection?
    /// </summary>
    internal static bool IsRefusal(nint error)
        => error is Constants.EINVAL or Constants.ENOSYS or Constants.EOPNOTSUPP or Constants.EPERM or Constants.ENOMEM;

    /// <summary>Closes it; what waits in it is lost.</summary>
    internal void Close()
    {
        _ = LibC.close(_reader);
        _ = LibC.close(_writer);
    }

    private nint Taken(nint count)
    {
        if (count < 0)
        {
            return -LibC.Error;
        }

        Length -= (int)count;
        return count;
    }
}
