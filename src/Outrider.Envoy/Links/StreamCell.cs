using System.Runtime.InteropServices;

namespace Outrider.Envoy.Links;

/// <summary>
/// What Envoy holds of a stream, in memory that does not move: the way to the stream's object, and what Envoy need not come for. Where a part in C stands
/// between Envoy and .NET it reads and writes this itself (<c>stream_t</c> in <c>Outrider.Envoy.Hosted/native/outrider_module.c</c>): what need not be
/// called is answered there. On the stream's worker; it lives from the stream's first use until <see cref="Free"/>.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct StreamCell
{
    private nint _stream;
    private HookSkips _skips;
    private byte _isResponseOver;

    /// <summary>What need not be called for.</summary>
    internal HookSkips Skips
    {
        readonly get => _skips;
        set => _skips = value;
    }

    /// <summary>Has the end of the response come while nobody needed to see it?</summary>
    internal readonly bool IsResponseOver => _isResponseOver != 0;

    /// <summary>Makes one for an object, which it keeps alive.</summary>
    internal static StreamCell* New(object stream)
    {
        var cell = (StreamCell*)NativeMemory.AllocZeroed((nuint)sizeof(StreamCell));
        cell->_stream = GCHandle.ToIntPtr(GCHandle.Alloc(stream));
        return cell;
    }

    /// <summary>Frees what <see cref="New"/> has made.</summary>
    internal static void Free(StreamCell* cell)
    {
        GCHandle.FromIntPtr(cell->_stream).Free();
        NativeMemory.Free(cell);
    }

    /// <summary>Has a cell of somebody else's lead to the same object, for as long as that one has it.</summary>
    internal readonly void Lend(StreamCell* other) => other->_stream = _stream;

    /// <summary>The object.</summary>
    internal readonly object Target => GCHandle.FromIntPtr(_stream).Target!;

    /// <summary>Another stream begins.</summary>
    internal void Begin(HookSkips skips)
    {
        _skips = skips;
        _isResponseOver = 0;
    }

    /// <summary>Is a part of a request to pass without a look at it?</summary>
    internal readonly bool PassesRequest => (_skips & HookSkips.RequestRest) != 0;

    /// <summary>Is a part of a response, and with it perhaps its end, to pass without a look at it?</summary>
    internal bool PassesResponse(bool endStream)
    {
        if ((_skips & HookSkips.ResponseRest) == 0)
        {
            return false;
        }

        _isResponseOver |= endStream ? (byte)1 : (byte)0;
        return true;
    }
}
