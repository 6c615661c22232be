using Outrider.Filters;

namespace Outrider.Proxy.Streams.Paths;

/// <summary>A filter that wants the whole message: the body is collected before it, and goes on when it has answered.</summary>
internal abstract partial class MessagePath
{
    /// <summary>What has been collected.</summary>
    private protected BodyHold Whole => _whole ??= new();

    private protected bool IsCollecting => _collector >= 0;

    private protected bool HasCollected => _lastCollector >= 0;

    /// <summary>The filter at <see cref="Index"/> wants more of the message than its head.</summary>
    private void BeginCollecting()
    {
        _collector = Index;
        bool isHere = HasCollected && _whole is { IsEmpty: false };
        if (!HasEnded && !isHere)
        {
            OnCollect();
        }
        else if (!isHere && HasTrailers)
        {
            _dataIndex = _lastCollector + 1;
            RunTrailers();
        }
        else
        {
            // It is here already, for a filter before this one: those between the two have yet to see it.
            ReleaseCollected();
        }
    }

    /// <summary>A piece has come to the filter that waits for all of them.</summary>
    private void Collect(ReadOnlySpan<byte> data, bool endStream)
    {
        Whole.Append(data);
        if (Whole.Length > Stream.Site.MaxBufferedBody)
        {
            OnTooLarge();
        }
        else if (ShowData(_collector, isEmpty: false, endStream))
        {
            Index++;
            Run();
        }
    }

    /// <summary>The headers have passed all filters and the body was collected on the way: it passes those that have not seen it.</summary>
    private protected void ReleaseCollected()
    {
        (_piece, _whole) = (Whole, _piece);
        _dataIndex = _piece.IsEmpty ? Count : _lastCollector + 1;
        _trailersFrom = _lastCollector + 1;
        RunData();
        RunHeldTrailers();
    }
}
