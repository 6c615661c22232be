using System.Buffers.Text;
using Outrider.Envoy.Abi;
using Outrider.Envoy.Bodies;
using Outrider.Filters;

namespace Outrider.Envoy.Streams;

/// <summary>
/// What the ways of requests and responses through the filter have in common: a call at a time, headers first, then the
/// body piece by piece or, for a filter that wants it so, whole, then trailers. Where the filter waits Envoy is told to
/// stop here, and buffers behind it up to its limit; later it is told to go on.
/// </summary>
/// <remarks>
/// Whatever calls Envoy may come back into this object before it returns: a reply runs the response's hooks, going on runs
/// the next body hook, and either may end the stream. So nothing here is done after such a call.
/// </remarks>
internal abstract partial class MessagePath
{
    private readonly FilterCall _call;
    private readonly bool _isResponse;
    private readonly EnvoyBody _piece;
    private readonly EnvoyBody _whole;

    // Pieces that the filter has waited over and is done with; they go on together once it has caught up.
    private BodyHold? _done;
    private Work _work;

    // How many bytes at the front of what Envoy buffers have been taken over into copies of our own.
    private int _taken;
    private AnnouncedLength _length = new();
    private bool _collecting, _collected, _copying, _stopped, _bodyShown;
    private bool _ended, _dataEnded, _endShown, _hasTrailers, _trailersShown;

    private protected MessagePath(EnvoyStream stream, bool response)
    {
        Stream = stream;
        _isResponse = response;
        _piece = new EnvoyBody(stream, response);
        _whole = new EnvoyBody(stream, response);
        _call = new FilterCall(stream.Scheduler.Post, OnCallEnded);
    }

    private protected enum Work : byte
    {
        Headers,
        Data,
        Trailers,
        Whole,
    }

    /// <summary>Is the filter being waited for?</summary>
    internal bool IsWaiting => _call.IsPending;

    /// <summary>Does nothing of this message go on, whatever the filter says?</summary>
    internal bool IsClosed { get; private set; }

    private protected EnvoyStream Stream { get; }

    /// <summary>Did the answer come from a headers method or from one for the whole message, and not from amid a body?</summary>
    private protected bool IsHeadAnswer => _work is Work.Headers or Work.Whole;

    private protected bool HasTrailers => _hasTrailers;

    private protected abstract StreamFilterMethods HeadersMethod { get; }

    private protected abstract StreamFilterMethods DataMethod { get; }

    private protected abstract StreamFilterMethods TrailersMethod { get; }

    /// <summary>Can the whole message be waited for, or is it one that has no end?</summary>
    private protected abstract bool CanCollect { get; }

    private protected abstract HeaderMap Headers { get; }

    internal HeadersStatus OnHeaders(bool endStream)
    {
        _ended = endStream;
        OnEnd(endStream);
        if (IsClosed || !Stream.EnsureFilter() || !Overrides(HeadersMethod))
        {
            return IsClosed ? HeadersStatus.StopIteration : HeadersStatus.Continue;
        }

        var result = Call(Work.Headers);
        _stopped = result != StepResult.Continue;
        return _stopped ? HeadersStatus.StopIteration : HeadersStatus.Continue;
    }

    internal DataStatus OnData(bool endStream)
    {
        _ended = _dataEnded |= endStream;
        OnEnd(endStream);
        if (IsClosed)
        {
            return DataStatus.StopIterationNoBuffer;
        }

        if (IsWaiting)
        {
            return DataStatus.StopIterationAndWatermark;
        }

        if (_collecting)
        {
            return endStream ? OnWholeArrived() : DataStatus.StopIterationAndBuffer;
        }

        return !_collected && Overrides(DataMethod) ? OnPiece() : DataStatus.Continue;
    }

    internal TrailersStatus OnTrailers()
    {
        _ended = _hasTrailers = true;
        OnEnd(true);
        if (IsClosed || IsWaiting)
        {
            return TrailersStatus.StopIteration;
        }

        StepResult result;
        if (_collecting)
        {
            result = CallWhole();
        }
        else if (!_collected && Overrides(TrailersMethod))
        {
            result = CallTrailers();
        }
        else
        {
            result = LengthIsKept(atEnd: true) ? StepResult.Continue : StepResult.Closed;
        }

        _stopped = result != StepResult.Continue;
        return _stopped ? TrailersStatus.StopIteration : TrailersStatus.Continue;
    }

    /// <summary>Nothing goes on from here.</summary>
    internal void Close() => IsClosed = true;

    /// <summary>Makes ready for another stream.</summary>
    internal virtual void Reset()
    {
        if (_bodyShown)
        {
            _piece.Reset();
            _whole.Reset();
            _done?.Release();
            _taken = 0;
            _length = new();
        }

        _collecting = _collected = _copying = _stopped = _bodyShown = IsClosed = false;
        _ended = _dataEnded = _endShown = _hasTrailers = _trailersShown = false;
    }

    private protected abstract ValueTask<FilterAction> CallHeaders(StreamFilter filter, bool endStream);

    private protected abstract ValueTask<FilterAction> CallWhole(StreamFilter filter, BodyBuffer body);

    private protected abstract ValueTask<FilterAction> CallData(StreamFilter filter, BodyBuffer data, bool endStream);

    private protected abstract ValueTask<FilterAction> CallTrailers(StreamFilter filter);

    /// <summary>An action that is special to one direction.</summary>
    private protected abstract StepResult ApplyOther(FilterAction action);

    /// <summary>Tells Envoy to go on. It may come back into this object before this returns.</summary>
    private protected abstract void Continue();

    /// <summary>More has been collected than may be.</summary>
    private protected abstract void OnTooLarge();

    private protected StepResult Refuse(FilterAction action)
    {
        Stream.Fail(new InvalidOperationException($"{action} is not an answer to this method, or not in this phase"));
        return StepResult.Closed;
    }

    // A response that has come to its end here has been answered in full, as far as it comes from before this filter.
    private void OnEnd(bool endStream)
    {
        if (endStream && _isResponse)
        {
            Stream.OnResponded();
        }
    }

    private bool Overrides(StreamFilterMethods method) => (Stream.Methods & method) != 0;

    private DataStatus OnPiece()
    {
        _piece.BeginHook(receivedOnly: true);
        var result = CallPiece();
        if (result == StepResult.Waiting)
        {
            // Envoy keeps the original with what comes behind it, so that it knows how much waits here. All filters share
            // that one buffer: what lies there already has passed this filter, and another further on is collecting it.
            _done ??= new();
            _piece.CopyBufferedTo(_done);
            _taken = _piece.BufferedLength + _piece.ReceivedLength;
            _copying = true;
            _piece.Hold();
        }

        _piece.EndHook();
        _stopped = result != StepResult.Continue;
        return result switch
        {
            StepResult.Continue => DataStatus.Continue,
            StepResult.Waiting => DataStatus.StopIterationAndWatermark,
            _ => DataStatus.StopIterationNoBuffer,
        };
    }

    private DataStatus OnWholeArrived()
    {
        _whole.BeginHook(receivedOnly: false);
        var result = CallWhole();
        _whole.EndHook();
        _stopped = result != StepResult.Continue;
        return result switch
        {
            StepResult.Continue => DataStatus.Continue,
            StepResult.Waiting => DataStatus.StopIterationAndBuffer,
            _ => DataStatus.StopIterationNoBuffer,
        };
    }

    private StepResult CallWhole()
    {
        _collecting = false;
        _collected = true;
        _bodyShown = true;
        _whole.Modified = false;
        return Call(Work.Whole);
    }

    /// <summary>Hands <see cref="_piece"/> to the filter.</summary>
    private StepResult CallPiece()
    {
        _bodyShown = true;
        _piece.Modified = false;
        _endShown = _dataEnded && !_hasTrailers;
        return Call(Work.Data);
    }

    private StepResult CallTrailers()
    {
        _trailersShown = true;
        return LengthIsKept(atEnd: true) ? Call(Work.Trailers) : StepResult.Closed;
    }

    private StepResult Call(Work work)
    {
        _work = work;
        FilterAction action;
        try
        {
            var outer = Stream.EnterFilter(out var filter);
            try
            {
                var call = work switch
                {
                    Work.Headers => CallHeaders(filter, _ended),
                    Work.Whole => CallWhole(filter, _whole),
                    Work.Data => CallData(filter, _piece, _endShown),
                    _ => CallTrailers(filter),
                };
                if (!_call.TryGet(call, out action))
                {
                    Stream.OnFilterWaits();
                    return Stream.IsOver ? StepResult.Closed : StepResult.Waiting;
                }
            }
            finally
            {
                Stream.LeaveFilter(outer);
            }
        }
        catch (Exception e)
        {
            Stream.Fail(e);
            return StepResult.Closed;
        }

        return Apply(action);
    }

    /// <summary>Does what the filter answered to <see cref="_work"/>.</summary>
    private StepResult Apply(FilterAction action)
    {
        if (IsClosed || Stream.IsOver)
        {
            return StepResult.Closed;
        }

        switch (action.Kind)
        {
            case FilterActionKind.Continue:
                return Accept();
            case FilterActionKind.Terminate:
                Stream.Terminate();
                return StepResult.Closed;
            case FilterActionKind.WaitAllData when _work == Work.Headers && CanCollect:
                _collecting = true;
                return _ended ? CallWhole() : StepResult.Collecting;
            default:
                return ApplyOther(action);
        }
    }

    /// <summary>The filter lets pass what it was shown, which it may have changed.</summary>
    private StepResult Accept()
    {
        if (_work == Work.Whole && _whole.Modified)
        {
            FixLength();
        }
        else if (_work == Work.Data)
        {
            _length.OnPassed(_piece.Length, _piece.Modified);
            if (!LengthIsKept(atEnd: _endShown))
            {
                return StepResult.Closed;
            }
        }

        return StepResult.Continue;
    }

    private void FixLength()
    {
        if (Headers.Contains("content-length"u8))
        {
            Span<byte> digits = stackalloc byte[20];
            _ = Utf8Formatter.TryFormat(_whole.Length, digits, out int written);
            Headers.Set("content-length"u8, digits[..written]);
        }
    }

    private bool LengthIsKept(bool atEnd)
    {
        if (_length.IsKept(Headers, atEnd))
        {
            return true;
        }

        Stream.Fail(_length.Failure);
        return false;
    }
}
