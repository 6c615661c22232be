using Outrider.Filters;
using Outrider.Hosting.Calls;
using Outrider.Hosting.Driving;
using Outrider.Proxy.FilterChains;

namespace Outrider.Proxy.Streams.Paths;

/// <summary>
/// What the ways of requests and responses through the filters have in common: a call at a time, headers first, then the
/// body piece by piece or, for a filter that wants it so, whole, then trailers. Where a filter waits, the way stops, and
/// nothing more is read from the side that the message comes from.
/// </summary>
internal abstract partial class MessagePath
{
    private readonly FilterCall _call;

    // Which filter comes at which place of this way. Every other index here is a place.
    private readonly int[] _order;

    // Of each filter, at its place, what it has seen of the message and wants of it.
    private readonly FilterDriver[] _drivers;

    // A piece of the body that filters are looking at, and what has been collected for a filter that wants all of it.
    // Most streams need neither, and a hold that was never made is one object less to touch.
    private BodyHold? _piece;
    private BodyHold? _whole;
    // What the filter that sees the trailers adds to the body before them.
    private BodyHold? _rest;

    // The place of the filter whose answer is waited for or being applied.
    private int _answering;
    private bool _isStale;
    private int _dataIndex;

    // The filter that waits for the whole message or keeps it to itself; −1 for none.
    private int _collector = -1;

    // Trailers that have come pass these filters next, once the body before them has passed.
    private int _trailersFrom;

    private LateReleases _lateReleases;
    private int _lastCollector = -1;

    private protected MessagePath(ProxyStream stream, FilterChain filters, int[] order)
    {
        Stream = stream;
        Filters = filters;
        _order = order;
        _drivers = new FilterDriver[order.Length];
        _call = new FilterCall(stream.Loop.Post, OnCallEnded);
    }

    /// <summary>Is a filter of this direction being waited for?</summary>
    internal bool IsWaiting => _call.IsPending;

    /// <summary>The name of the filter that is being waited for, or null.</summary>
    internal string? WaitingFilter => IsWaiting ? NameAt(_answering) : null;

    /// <summary>Has the whole message arrived?</summary>
    internal bool HasEnded { get; private protected set; }

    /// <summary>Do no filters see the message, because one of them has failed with it?</summary>
    internal bool PassBy { get; set; }

    /// <summary>Does nothing go on from here?</summary>
    internal bool IsClosed { get; private set; }

    internal FilterCall Pending => _call;

    internal abstract bool IsResponse { get; }

    /// <summary>Can the whole message be waited for, or is it one that has no end?</summary>
    internal virtual bool CanCollect => !Stream.IsTunnel;

    /// <summary>Does neither a body, collected or still to come, nor a trailer follow the head?</summary>
    internal bool IsHeadAlone => HasEnded && _whole is not { IsEmpty: false } && !HasTrailers;

    /// <summary>Can an answer that a filter of this way makes still reach the client?</summary>
    internal bool MayReply => !Stream.ResponsePath.HeadSent;

    private protected ProxyStream Stream { get; }

    private protected FilterChain Filters { get; }

    /// <summary>Have trailers come?</summary>
    internal bool HasTrailers { get; private set; }

    /// <summary>The filter whose headers method runs, ran last, or runs next.</summary>
    private protected int Index { get; set; }

    private protected int Count => _order.Length;

    /// <summary>The stream is over: nothing goes on from here, even when a filter's call is still under way.</summary>
    internal void Close() => IsClosed = true;

    /// <summary>Gives back the memory that is held.</summary>
    internal virtual void Release()
    {
        _piece?.Release();
        _whole?.Release();
        _rest?.Release();
    }

    /// <summary>Makes ready for the next stream.</summary>
    internal virtual void Reset()
    {
        _isStale = IsWaiting;
        Array.Clear(_drivers);
        _dataIndex = Index = 0;
        _collector = _lastCollector = -1;
        _trailersFrom = 0;
        _lateReleases.Clear();
        HasEnded = HasTrailers = IsClosed = PassBy = false;
    }

    /// <summary>A message begins that the filters up to a place see nothing of, neither head nor body: one of them has made it.</summary>
    private protected void BeginBehind(int place)
    {
        Index = place + 1;
        foreach (ref var driver in _drivers.AsSpan(0, Index))
        {
            driver.PassBy();
        }
    }

    private protected abstract ValueTask<FilterAction> CallHeaders(StreamFilter filter, bool endStream);

    private protected abstract ValueTask<FilterAction> CallWhole(StreamFilter filter);

    private protected abstract ValueTask<FilterAction> CallData(StreamFilter filter, BodyHold data, bool endStream);

    private protected abstract ValueTask<FilterAction> CallTrailers(StreamFilter filter, BodyHold body);

    /// <summary>A filter's answer takes the place of the upstream's.</summary>
    internal abstract void ReplyFrom(int place, FilterAction answer);

    /// <summary>The method of this direction for a part of the message.</summary>
    private protected abstract StreamFilterMethods MethodOf(FilterWork work);

    /// <summary>A filter wants the route to be matched again, or another host. True: go on with the filter behind it.</summary>
    private protected abstract bool Route(Directive directive);

    /// <summary>A filter wants the whole message, of which more is to come.</summary>
    private protected abstract void OnCollect();

    /// <summary>A filter that held the head back has changed it, and wants the route to be matched again.</summary>
    private protected abstract void OnRouteCleared();

    /// <summary>More has been collected than may be.</summary>
    private protected abstract void OnTooLarge();

    /// <summary>Goes on with the headers of the filter at <see cref="Index"/>, and with what comes after all of them.</summary>
    private protected abstract void Run();

    /// <summary>A piece of the body has passed all filters. Where the head has not been sent this is all of the body.</summary>
    private protected abstract void Forward(ReadOnlySpan<byte> data, bool endStream);

    /// <summary>The trailers have passed all filters.</summary>
    private protected abstract void ForwardTrailers();
}
