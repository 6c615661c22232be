using Outrider.Filters;
using Outrider.Hosting.Driving;

namespace Outrider.Proxy.Streams.Paths;

/// <summary>The body piece by piece, past one filter after the other, and the trailers after it.</summary>
internal abstract partial class MessagePath
{
    internal void OnData(ReadOnlySpan<byte> data, bool endStream)
    {
        HasEnded |= endStream;
        if (IsClosed)
        {
            return;
        }

        if (Filters.Set.Any(MethodOf(FilterWork.Data)) && !Stream.IsTunnel && !PassBy)
        {
            (_piece ??= new()).Append(data);
            _dataIndex = 0;
            RunData();
        }
        else if (IsCollecting)
        {
            Collect(data, endStream);
        }
        else
        {
            Forward(data, endStream);
        }
    }

    internal void OnTrailers()
    {
        HasEnded = HasTrailers = true;
        if (!IsClosed)
        {
            _dataIndex = 0;
            RunTrailers();
        }
    }

    // Filters behind one that collects see the body when it is whole; one that keeps the message to itself sees its pieces.
    private int EndOfPieces => !IsCollecting ? Count : _drivers[_collector].IsHolding ? _collector + 1 : _collector;

    private void RunData()
    {
        int end = EndOfPieces;
        bool last = HasEnded && !HasTrailers;
        for (; _dataIndex < end && (last || !_piece!.IsEmpty); _dataIndex++)
        {
            if (!ShowData(_dataIndex, isEmpty: false, last))
            {
                return;
            }
        }

        if (!IsCollecting)
        {
            Forward(_piece!.Span, last);
            _piece.Release();
        }
        else if (end > _collector)
        {
            // What keeps the message to itself has taken what it wants of the piece; the rest it dropped.
            _piece!.Release();
        }
        else
        {
            // The piece is let go of before the message goes on: what is collected may become a piece again further on.
            Whole.Append(_piece!.Span);
            _piece.Release();
            Collect(default, last);
        }
    }

    private void RunTrailers()
    {
        int end = EndOfPieces;
        for (; _dataIndex < end && !PassBy; _dataIndex++)
        {
            if (!ShowTrailers(_dataIndex))
            {
                return;
            }
        }

        if (!IsCollecting)
        {
            ForwardTrailers();
        }
        else if (ShowTrailers(_collector))
        {
            Index++;
            Run();
        }
    }

    /// <summary>What the filter that has just seen the trailers added to the body passes the filters behind it, and the trailers follow.</summary>
    private bool PassRest(BodyHold rest)
    {
        (_piece ??= new()).AppendAll(rest);
        rest.Release();
        _trailersFrom = ++_dataIndex;
        RunData();
        RunHeldTrailers();
        return false;
    }

    /// <summary>The trailers that came while the body was collected follow it, unless something holds it up.</summary>
    private void RunHeldTrailers()
    {
        if (HasTrailers && !IsWaiting && !IsClosed)
        {
            _dataIndex = _trailersFrom;
            RunTrailers();
        }
    }
}
