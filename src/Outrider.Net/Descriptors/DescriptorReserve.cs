using Outrider.Net.Interop;

namespace Outrider.Net.Descriptors;

/// <summary>
/// Descriptors that are kept open for nothing, to be had when the process has no other left: for what has to answer then. One thread at a time,
/// the loop's.
/// </summary>
/// <param name="size">How many.</param>
public sealed class DescriptorReserve(int size) : IDisposable
{
    private readonly Stack<int> _kept = new(size);

    /// <summary>How many are kept now.</summary>
    public int Count => _kept.Count;

    /// <summary>Keeps as many as there are to be, or as many as can be had.</summary>
    public void Fill()
    {
        while (_kept.Count < size)
        {
            int fd = LibC.eventfd(0, Constants.EFD_CLOEXEC | Constants.EFD_NONBLOCK);
            if (fd < 0)
            {
                return;
            }

            _kept.Push(fd);
        }
    }

    /// <summary>Gives one back to the process, for whoever opens the next. False: there is none left.</summary>
    public bool Release()
    {
        if (!_kept.TryPop(out int fd))
        {
            return false;
        }

        _ = LibC.close(fd);
        return true;
    }

    /// <summary>Gives all of them back.</summary>
    public void Dispose()
    {
        while (Release())
        {
        }
    }
}
