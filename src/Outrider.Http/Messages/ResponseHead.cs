namespace Outrider.Http;

/// <summary>A response's head: status, reason and fields. Reused from stream to stream.</summary>
public sealed class ResponseHead
{
    private int _reasonStart, _reasonLength, _reasonStatus;

    /// <summary>The fields.</summary>
    public HeaderBlock Fields { get; } = new();

    /// <summary>The status, 100–599; 0 while there is none.</summary>
    public int Status { get; set; }

    /// <summary>The reason phrase that came with the status; empty when there was none or the status was changed since.</summary>
    public ReadOnlySpan<byte> Reason => _reasonStatus == Status ? Fields.Slice(_reasonStart, _reasonLength) : default;

    /// <summary>1 for HTTP/1.1, 0 for HTTP/1.0.</summary>
    public int MinorVersion { get; set; }

    /// <summary>How the body ends.</summary>
    public BodyFraming Framing { get; set; }

    /// <summary>Length of the body where the framing is <see cref="BodyFraming.Length"/>, else −1.</summary>
    public long ContentLength { get; set; }

    /// <summary>Does the sender allow another request on its connection?</summary>
    public bool KeepAlive { get; set; }

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
        Fields.Clear();
        Status = MinorVersion = _reasonStart = _reasonLength = _reasonStatus = 0;
        Framing = BodyFraming.None;
        ContentLength = -1;
        KeepAlive = false;
    }
}
