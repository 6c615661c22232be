using System.Text;

namespace Outrider.Http.Rules;

/// <summary>What is wrong with a message: the status to answer with and words for the log. Those there are (<c>HeadErrors</c>, <c>FramingErrors</c>, <c>Http2Errors</c>, <c>ResponseErrors</c>, and those below) are constants: finding a mistake allocates nothing; what is made of it for the log may.</summary>
/// <param name="Status">400, 405, 408, 413, 414, 417, 431, 501 or 505; for a response it is always reported as 502.</param>
/// <param name="Message">What is wrong, without anything that the peer sent.</param>
public sealed record ProtocolError(int Status, string Message)
{
    internal static readonly ProtocolError PlainText = new(400, "plain HTTP was sent to a port that speaks TLS: ask with https://");

    /// <summary>What a client is told, made once.</summary>
    public ReadOnlyMemory<byte> Text { get; } = Encoding.UTF8.GetBytes(Message + "\n");

    /// <summary>The head did not come in time.</summary>
    public static readonly ProtocolError HeaderTimeout = new(408, "the head did not arrive in time");

    /// <summary>The head came more slowly than the listener allows.</summary>
    public static readonly ProtocolError HeadTooSlow = new(408, "the head arrives more slowly than the listener allows");

    /// <summary>The body came more slowly than the listener allows.</summary>
    public static readonly ProtocolError BodyTooSlow = new(408, "the body arrives more slowly than the listener allows");

    /// <summary>The body stopped coming.</summary>
    public static readonly ProtocolError BodyTimeout = new(408, "the body stopped arriving");

    /// <summary>The body is larger than the configuration allows.</summary>
    public static readonly ProtocolError BodyTooLarge = new(413, "the body is larger than the listener allows");
}
