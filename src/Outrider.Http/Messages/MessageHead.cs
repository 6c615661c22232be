using Outrider.Http.Headers;

namespace Outrider.Http.Messages;

/// <summary>What the heads of requests and responses have in common.</summary>
public abstract class MessageHead
{
    /// <summary>The fields.</summary>
    public HeaderBlock Fields { get; } = new();

    /// <summary>1 for HTTP/1.1, 0 for HTTP/1.0.</summary>
    public int MinorVersion { get; set; }

    /// <summary>How the body ends.</summary>
    public BodyFraming Framing { get; set; }

    /// <summary>Length of the body where the framing is <see cref="BodyFraming.Length"/>, else −1.</summary>
    public long ContentLength { get; set; }

    /// <summary>Was the length given by a filter, and did not come with the message?</summary>
    public bool LengthIsGiven { get; set; }

    /// <summary>Does the sender allow another exchange on its connection?</summary>
    public bool KeepAlive { get; set; }

    private protected void ClearCommon()
    {
        Fields.Clear();
        MinorVersion = 0;
        Framing = BodyFraming.None;
        ContentLength = -1;
        KeepAlive = LengthIsGiven = false;
    }
}
