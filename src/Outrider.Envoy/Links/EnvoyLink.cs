using Outrider.Filters;
using Outrider.Hosting.Ends;

namespace Outrider.Envoy.Links;

/// <summary>
/// Envoy's filter object of one stream: what headers, bodies and the rest reach Envoy by. It is to be had on the stream's worker alone, and
/// until the stream's end. Lives, and is used again, with its stream.
/// </summary>
/// <remarks>Envoy owns what <see cref="Pointer"/> points to, from <see cref="Begin"/> until <see cref="End"/>.</remarks>
internal sealed class EnvoyLink(string filterName)
{
    private nint _pointer;
    private int _worker;
    private EarlyEnd _early;

    /// <summary>The name that the configuration asked for the filter by.</summary>
    internal string FilterName => filterName;

    /// <summary>Envoy's filter object.</summary>
    /// <exception cref="InvalidOperationException">The stream has ended, or this is not its worker.</exception>
    internal nint Pointer
    {
        get
        {
            nint pointer = Volatile.Read(ref _pointer);
            if (pointer == 0 || !IsWorker)
            {
                throw NotHere(pointer);
            }

            return pointer;
        }
    }

    /// <summary>
    /// The same for who is on the worker for certain: a hook of Envoy's, or what the filter's facade has let through, which asks for the thread itself.
    /// </summary>
    /// <exception cref="InvalidOperationException">The stream has ended.</exception>
    internal nint Here => _pointer is not 0 and var pointer ? pointer : throw NotHere(0);

    /// <summary>Envoy's filter object from another thread, for whoever keeps the stream from ending as long as it needs it. False: there is none.</summary>
    internal bool TryHold(out nint pointer) => (pointer = Volatile.Read(ref _pointer)) != 0;

    /// <summary>Is this the stream's worker, and has the stream not ended?</summary>
    internal bool IsOnWorker => IsWorker && !IsOver;

    /// <summary>Is this the thread that the stream lives, or lived, on?</summary>
    internal bool IsWorker => _worker == ThreadMark.Current;

    /// <summary>Has Envoy destroyed its side?</summary>
    internal bool IsOver { get; private set; }

    /// <summary>A number that no other stream of the module has.</summary>
    internal long Id { get; private set; }

    /// <summary>Changes whenever what was read of headers or bodies may have changed.</summary>
    internal long Version { get; private set; }

    /// <summary>Cancelled when the stream ends before its time. Any thread.</summary>
    internal CancellationToken Aborted => _early.Token;

    /// <summary>Has somebody asked for <see cref="Aborted"/>, and may still hold it?</summary>
    internal bool IsAbortedHeld => _early.IsHeld;

    /// <summary>A stream begins.</summary>
    /// <param name="pointer">Envoy's filter object.</param>
    /// <param name="id">The stream's number.</param>
    /// <param name="worker">The thread that this is, and that it will live on.</param>
    internal void Begin(nint pointer, long id, int worker)
    {
        _worker = worker;
        Id = id;
        Version++;
        Volatile.Write(ref _pointer, pointer);
    }

    /// <summary>Something may have changed what was read of headers or bodies.</summary>
    internal void Changed() => Version++;

    /// <summary>The stream has ended.</summary>
    /// <param name="early">Before its time.</param>
    internal void End(bool early)
    {
        IsOver = true;
        Volatile.Write(ref _pointer, 0);
        if (early)
        {
            _early.Come();
        }
    }

    /// <summary>Tells those who have asked for <see cref="Aborted"/>, after an end before its time.</summary>
    /// <exception cref="AggregateException">What they threw.</exception>
    internal void TellAborted()
    {
        if (_early.HasCome)
        {
            _early.Tell();
        }
    }

    /// <summary>Makes ready for another stream.</summary>
    internal void Reset()
    {
        IsOver = false;
        _early.Reset();
    }

    private InvalidOperationException NotHere(nint pointer) => new(pointer == 0
        ? $"filter '{filterName}': the stream has ended; nothing of it can be reached any more (give Stream.Aborted to what you await)"
        : $"filter '{filterName}': a stream is only to be touched on its own worker thread; an await comes back to it unless it says ConfigureAwait(false)");
}
