namespace Outrider.Http.Messages;

/// <summary>How a message says where its body ends (RFC 9112 §6.3).</summary>
public enum BodyFraming : byte
{
    /// <summary>There is no body.</summary>
    None,

    /// <summary>After as many bytes as <c>Content-Length</c> says.</summary>
    Length,

    /// <summary>After the last chunk and the trailers.</summary>
    Chunked,

    /// <summary>When the connection closes. Responses only.</summary>
    UntilClose,
}
