using System.Diagnostics.CodeAnalysis;

namespace Outrider.Proxy.Streams;

/// <summary>
/// That a stream has ended before its time, for filters that want to know. A part of its stream; the token's source is made
/// when the first one asks.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "The source is disposed when the stream is used again; a stream itself has no end that somebody could dispose.")]
internal struct EarlyEnd
{
    private CancellationTokenSource? _source;

    internal bool HasCome { get; private set; }

    /// <summary>Cancelled by <see cref="Tell"/>.</summary>
    internal CancellationToken Token
    {
        get
        {
            if (_source is null)
            {
                _source = new CancellationTokenSource();
                if (HasCome)
                {
                    _source.Cancel();
                }
            }

            return _source.Token;
        }
    }

    internal void Come() => HasCome = true;

    /// <summary>Tells those who have asked.</summary>
    /// <exception cref="AggregateException">What they threw.</exception>
    internal readonly void Tell() => _source?.Cancel();

    /// <summary>Makes ready for the next stream.</summary>
    internal void Reset()
    {
        _source?.Dispose();
        _source = null;
        HasCome = false;
    }
}
