using System.Diagnostics.CodeAnalysis;

namespace Outrider.Hosting.Ends;

/// <summary>
/// That a stream has ended before its time, for filters that want to know. A part of its stream; the token's source is made
/// when the first one asks, which may be on any thread. The rest is the loop's.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "The source is disposed when the stream is used again; a stream itself has no end that somebody could dispose.")]
internal struct EarlyEnd
{
    private CancellationTokenSource? _source;
    private bool _hasCome;

    internal readonly bool HasCome => _hasCome;

    /// <summary>Has somebody asked for the token?</summary>
    internal bool IsHeld => Volatile.Read(ref _source) is not null;

    /// <summary>Cancelled by <see cref="Tell"/>; the same for all that ask, at once or one after the other.</summary>
    /// <exception cref="ObjectDisposedException">Asked for on another thread while the stream was made ready for its next use: it is over.</exception>
    internal CancellationToken Token
    {
        get
        {
            if (Volatile.Read(ref _source) is { } source)
            {
                return source.Token;
            }

            var made = new CancellationTokenSource();
            if (Interlocked.CompareExchange(ref _source, made, null) is { } other)
            {
                made.Dispose();
                return other.Token;
            }

            // After the exchange, as Tell looks for the source after the end has come: one of the two sees the other.
            var token = made.Token;
            if (Volatile.Read(ref _hasCome))
            {
                made.Cancel();
            }

            return token;
        }
    }

    internal void Come()
    {
        Volatile.Write(ref _hasCome, true);
        Interlocked.MemoryBarrier();
    }

    /// <summary>Tells those who have asked.</summary>
    /// <exception cref="AggregateException">What they threw.</exception>
    internal void Tell() => Volatile.Read(ref _source)?.Cancel();

    /// <summary>Makes ready for the next stream.</summary>
    internal void Reset()
    {
        Volatile.Read(ref _source)?.Dispose();
        _source = null;
        _hasCome = false;
    }
}
