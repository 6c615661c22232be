namespace Outrider.Http.V2;

/// <summary>Why a stream or a connection is given up (RFC 9113 §7).</summary>
public enum Http2Error : uint
{
    /// <summary>Nothing is wrong.</summary>
    None = 0,

    /// <summary>The peer broke the protocol.</summary>
    Protocol = 1,

    /// <summary>A fault of the one who says so.</summary>
    Internal = 2,

    /// <summary>More was sent than the window allowed.</summary>
    FlowControl = 3,

    /// <summary>Settings were not acknowledged.</summary>
    SettingsTimeout = 4,

    /// <summary>A frame for a stream that was closed.</summary>
    StreamClosed = 5,

    /// <summary>A frame has the wrong size.</summary>
    FrameSize = 6,

    /// <summary>The stream was not served at all, and may be sent again.</summary>
    RefusedStream = 7,

    /// <summary>The stream is not wanted any more.</summary>
    Cancel = 8,

    /// <summary>The state of header compression is lost.</summary>
    Compression = 9,

    /// <summary>The connection behind a CONNECT broke.</summary>
    Connect = 10,

    /// <summary>The peer does what only an attacker does.</summary>
    EnhanceYourCalm = 11,

    /// <summary>TLS is not good enough.</summary>
    InadequateSecurity = 12,

    /// <summary>HTTP/1.1 is wanted.</summary>
    Http11Required = 13,
}
