using System.Runtime.CompilerServices;
using Outrider.Envoy.Callbacks;
using Outrider.Envoy.Links;
using Outrider.Filters;
using Outrider.Modules.Abi;

namespace Outrider.Envoy.Bodies;

/// <summary>
/// A body where Envoy has it: what has been buffered, followed by what the running hook received. Once a hook is over the
/// received part is either gone or has become buffered, so a filter that awaits over a whole body goes on with the same
/// bytes. A filter that awaits over a piece gets a copy (<see cref="Hold"/>), as more may be buffered behind it meanwhile.
/// </summary>
internal sealed unsafe class EnvoyBody : BodyBuffer
{
    private readonly EnvoyLink _link;
    private readonly BodyKind _received;
    private readonly BodyKind _buffered;

    // Memory that does not move, as Envoy writes to it.
    private EnvoyBuffer[] _slices = [];
    private int _sliceCount;
    private long _version = -1;
    private readonly BodyHold _held = new();
    private bool _inHook;
    private bool _receivedIsBuffered;
    private bool _receivedOnly;
    private bool _isHeld;

    internal EnvoyBody(EnvoyLink link, bool response)
    {
        _link = link;
        IsResponse = response;
        _received = response ? BodyKind.ReceivedResponse : BodyKind.ReceivedRequest;
        _buffered = response ? BodyKind.BufferedResponse : BodyKind.BufferedRequest;
    }

    /// <summary>Has the filter added or taken bytes since this was last set to false?</summary>
    internal bool Modified { get; set; }

    internal bool IsResponse { get; }

    /// <summary>Is this a copy of our own, and not what Envoy has?</summary>
    internal bool IsHeld => _isHeld;

    public override int Length
    {
        get
        {
            nint filter = _link.Here;
            return _isHeld
                ? _held.Length
                : (UsesBuffered ? BodyCallbacks.Length(filter, _buffered) : 0) + (_inHook ? BodyCallbacks.Length(filter, _received) : 0);
        }
    }

    public override int SliceCount
    {
        get
        {
            if (_isHeld)
            {
                return _link.Here != 0 ? _held.SliceCount : 0;
            }

            Fetch();
            return _sliceCount;
        }
    }

    /// <summary>Bytes that are buffered.</summary>
    internal int BufferedLength => BodyCallbacks.Length(_link.Here, _buffered);

    /// <summary>Bytes that the running hook received.</summary>
    internal int ReceivedLength => BodyCallbacks.Length(_link.Here, _received);

    /// <summary>Is what the running hook received the very bytes that are buffered?</summary>
    internal bool ReceivedIsBuffered => BodyCallbacks.ReceivedIsBuffered(_link.Here, IsResponse);

    private bool UsesBuffered => !_receivedOnly && !(_inHook && _receivedIsBuffered);

    public override ReadOnlySpan<byte> GetSlice(int index)
    {
        if (_isHeld)
        {
            _ = _link.Here;
            return _held.GetSlice(index);
        }

        Fetch();
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)_sliceCount, nameof(index));
        return _slices[index].Span;
    }

    public override void Append(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return;
        }

        nint filter = _link.Here;
        if (_isHeld)
        {
            _held.Append(bytes);
        }
        else if (!BodyCallbacks.Append(filter, _inHook ? _received : _buffered, bytes))
        {
            throw new InvalidOperationException("the message has no body that could be changed any more");
        }

        Modified = true;
        _link.Changed();
    }

    public override void Drain(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Length);
        if (count == 0)
        {
            return;
        }

        if (_isHeld)
        {
            _held.Drain(count);
        }
        else
        {
            DrainEnvoy(count);
        }

        Modified = true;
        _link.Changed();
    }

    private void DrainEnvoy(int count)
    {
        if (UsesBuffered)
        {
            int here = Math.Min(count, BufferedLength);
            if (here > 0)
            {
                BodyCallbacks.Drain(_link.Here, _buffered, here);
                count -= here;
            }
        }

        if (count > 0)
        {
            BodyCallbacks.Drain(_link.Here, _received, count);
        }
    }

    /// <summary>A body hook has begun. A piece of a streaming body is what it received alone, even where something lies buffered.</summary>
    internal void BeginHook(bool receivedOnly)
    {
        _inHook = true;
        _receivedOnly = receivedOnly;
        _receivedIsBuffered = !receivedOnly && BodyCallbacks.ReceivedIsBuffered(_link.Here, IsResponse);
    }

    /// <summary>The hook is over: only what is buffered can be reached from now on.</summary>
    internal void EndHook()
    {
        _inHook = _receivedOnly = _receivedIsBuffered = false;
        _version = -1;
    }

    /// <summary>The filter at work on this piece waits: from here on the piece is a copy of our own.</summary>
    internal void Hold()
    {
        _held.AppendAll(this);
        _isHeld = true;
    }

    /// <summary>Adds all that is buffered to a copy.</summary>
    internal void CopyBufferedTo(BodyHold copy)
    {
        _sliceCount = 0;
        FetchFrom(_link.Here, _buffered);
        for (int i = 0; i < _sliceCount; i++)
        {
            copy.Append(_slices[i].Span);
        }

        _version = -1;
    }

    /// <summary>Becomes a copy of what is buffered behind the first <paramref name="skip"/> bytes.</summary>
    internal void HoldBuffered(int skip)
    {
        _held.Release();
        EndHook();
        _isHeld = false;
        for (int i = 0; i < SliceCount; i++)
        {
            var slice = GetSlice(i);
            int passed = Math.Min(skip, slice.Length);
            skip -= passed;
            _held.Append(slice[passed..]);
        }

        _isHeld = true;
    }

    /// <summary>Envoy gets what was held, behind what it buffers; or nobody does.</summary>
    internal void HandOver(bool drop)
    {
        if (!drop && !_held.IsEmpty)
        {
            _ = BodyCallbacks.Append(_link.Here, _buffered, _held.Span);
        }

        Release();
        _link.Changed();
    }

    /// <summary>Takes away what the running hook received.</summary>
    internal void DrainReceived()
    {
        if (ReceivedLength is > 0 and var length)
        {
            _ = BodyCallbacks.Drain(_link.Here, _received, length);
            _link.Changed();
        }
    }

    /// <summary>Gives the memory of a copy back.</summary>
    internal void Release()
    {
        _held.Release();
        _isHeld = false;
    }

    /// <summary>Makes ready for another stream.</summary>
    internal void Reset()
    {
        Release();
        EndHook();
        Modified = false;
    }

    /// <summary>Takes all that is buffered away and puts these bytes there.</summary>
    internal void ReplaceBuffered(ReadOnlySpan<byte> bytes)
    {
        int length = BufferedLength;
        if (length > 0)
        {
            BodyCallbacks.Drain(_link.Here, _buffered, length);
        }

        if (!bytes.IsEmpty)
        {
            BodyCallbacks.Append(_link.Here, _buffered, bytes);
        }

        _link.Changed();
    }

    /// <summary>Adds bytes behind what is buffered; where nothing is, and trailers have just come, they go on at once. False: Envoy takes none.</summary>
    internal bool AppendBuffered(ReadOnlySpan<byte> bytes)
    {
        bool taken = BodyCallbacks.Append(_link.Here, _buffered, bytes);
        _link.Changed();
        return taken;
    }

    private void Fetch()
    {
        nint filter = _link.Here;
        if (_version == _link.Version)
        {
            return;
        }

        _sliceCount = 0;
        if (UsesBuffered)
        {
            FetchFrom(filter, _buffered);
        }

        if (_inHook)
        {
            FetchFrom(filter, _received);
        }

        _version = _link.Version;
    }

    private void FetchFrom(nint filter, BodyKind kind)
    {
        int more = BodyCallbacks.SliceCount(filter, kind);
        if (more == 0)
        {
            return;
        }

        if (_slices.Length < _sliceCount + more)
        {
            var slices = GC.AllocateUninitializedArray<EnvoyBuffer>(Math.Max(16, (_sliceCount + more) * 2), pinned: true);
            _slices.AsSpan(0, _sliceCount).CopyTo(slices);
            _slices = slices;
        }

        BodyCallbacks.GetSlices(filter, kind, (EnvoyBuffer*)Unsafe.AsPointer(ref _slices[_sliceCount]));
        _sliceCount += more;
    }
}
