namespace Outrider.Net.Buffers;

/// <summary>
/// The pipes of one loop, lent to connections for as long as bytes wait in them (<see cref="Outrider.Net.Transports.TransportSplice"/>). Their number and
/// size are bounded; who finds none free goes on without. On the loop, but for <see cref="Configure"/>.
/// </summary>
public sealed class PipePool : IDisposable
{
    /// <summary>How many there may be, where nobody says otherwise. Two descriptors each.</summary>
    public const int DefaultCount = 16;

    /// <summary>How large each is, where nobody says otherwise: what a user without privileges may ask for at most (pipe-max-size, pipe(7)).</summary>
    public const int DefaultSize = 1024 * 1024;

    private readonly Stack<KernelPipe> _free = new();
    private volatile int _most = DefaultCount;
    private volatile int _size = DefaultSize;

    /// <summary>How many are open, free or lent.</summary>
    public int Count { get; private set; }

    /// <summary>How many of them are free.</summary>
    public int Free => _free.Count;

    /// <summary>Says how many there may be, and how large each is. Any thread; what is lent stays as it is until it comes back.</summary>
    /// <param name="count">0: none.</param>
    /// <param name="size">Bytes, 4096 or more; the kernel rounds up to a power of two.</param>
    public void Configure(int count, int size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 4096);
        _most = count;
        _size = size;
    }

    /// <summary>Closes those that are free: something else is short of descriptors.</summary>
    public void CloseFree()
    {
        while (_free.TryPop(out var pipe))
        {
            Drop(pipe);
        }
    }

    /// <summary>Lends an empty one, until <see cref="Return"/>; null when there is none to be had.</summary>
    internal KernelPipe? Rent()
    {
        while (_free.TryPop(out var pipe))
        {
            if (IsWanted(pipe))
            {
                return pipe;
            }

            Drop(pipe);
        }

        if (Count >= _most || KernelPipe.TryCreate(_size) is not { } made)
        {
            return null;
        }

        Count++;
        return made;
    }

    /// <summary>Takes one back. One in which bytes wait is closed, and they are lost.</summary>
    internal void Return(KernelPipe pipe)
    {
        if (pipe.Length == 0 && IsWanted(pipe))
        {
            _free.Push(pipe);
        }
        else
        {
            Drop(pipe);
        }
    }

    /// <summary>Closes those that are free. With the loop.</summary>
    public void Dispose() => CloseFree();

    private bool IsWanted(KernelPipe pipe) => Count <= _most && pipe.Size == _size;

    private void Drop(KernelPipe pipe)
    {
        pipe.Close();
        Count--;
    }
}
