using Outrider.Filters;

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

        if (Filters.Set.Any(DataMethod) && !Stream.IsTunnel && !PassBy)
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

    private void RunData()
    {
        // Filters behind one that collects see the body when it is whole.
        int end = !IsCollecting ? Count : _holding ? _collector + 1 : _collector;
        bool last = HasEnded && !HasTrailers;
        for (; _dataIndex < end && (last || !_piece!.IsEmpty); _dataIndex++)
        {
            if ((FactoryAt(_dataIndex).Methods & DataMethod) != 0)
            {
                _work = Work.Data;
                if (!Invoke(_dataIndex, out var action) || !Apply(action))
                {
                    return;
                }
            }
        }

        if (!IsCollecting)
        {
            Forward(_piece!.Span, last);
            _piece.Release();
            return;
        }

        if (_holding)
        {
            // The holder has taken what it keeps; the rest it dropped.
            _piece!.Release();
            return;
        }

        // The piece is let go of before the message goes on: what is collected may become a piece again further on.
        Whole.Append(_piece!.Span);
        _piece.Release();
        Collect(default, last);
    }

    private void RunTrailers()
    {
        int end = !IsCollecting ? Count : _holding ? _collector + 1 : _collector;
        for (; _dataIndex < end && !PassBy; _dataIndex++)
        {
            if ((FactoryAt(_dataIndex).Methods & TrailersMethod) != 0)
            {
                _work = Work.Trailers;
                if (!Invoke(_dataIndex, out var action) || !Apply(action))
                {
                    return;
                }
            }
        }

        if (!IsCollecting)
        {
            ForwardTrailers();
        }
        else if (_holding)
        {
            // A holder that lets trailers pass lets go of what it held.
            TakePieceAndHeld();
            EndHold(clearRoute: false);
        }
        else if (RunWhole())
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
