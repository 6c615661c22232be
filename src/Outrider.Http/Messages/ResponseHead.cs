namespace Outrider.Http.Messages;

/// <summary>A response's head: status, reason and fields. Reused from stream to stream.</summary>
public sealed class ResponseHead : MessageHead
{
    private int _reasonStart, _reasonLength, _reasonStatus;

    /// <summary>The status, 100–599; 0 while there is none.</summary>
    public int Status { get; set; }

    /// <summary>The reason phrase that came with the status; empty when there was none or the status was changed since.</summary>
    public ReadOnlySpan<byte> Reason => _reasonStatus == Status ? Fields.Slice(_reasonStart, _reasonLength) : default;

    /// <summary>Sets the reason phrase to bytes that the block holds; it goes with the status as it is now.</summary>
    public void SetReason(int start, int length)
    {
        _reasonStart = start;
        _reasonLength = length;
        _reasonStatus = Status;
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        ClearCommon();
        Status = _reasonStart = _reasonLength = _reasonStatus = 0;
    }
}
