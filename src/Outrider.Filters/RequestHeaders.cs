using System.Text;

namespace Outrider.Filters;

/// <summary>The head of a request: method, target, authority and header fields. <c>Host</c> is <see cref="Authority"/>, not a field.</summary>
public abstract class RequestHeaders : HeaderMap
{
    /// <summary>The method, <c>GET</c> and so on; case matters (RFC 9110 §9.1).</summary>
    /// <exception cref="ArgumentException">Set to something that is not a token, to <c>CONNECT</c>, or where <see cref="Path"/> is <c>*</c> to anything but <c>OPTIONS</c>.</exception>
    public abstract ReadOnlySpan<byte> Method { get; set; }

    /// <summary>Path and query as sent, percent-encoding untouched: <c>/a/b?c=d</c>, or <c>*</c> for <c>OPTIONS *</c>.</summary>
    /// <exception cref="ArgumentException">Set to something that does not begin with <c>/</c>, or holds white space, a control character or <c>#</c>; or to <c>*</c> where <see cref="Method"/> is not <c>OPTIONS</c>; or, in Outrider, to what the listener's <c>strict_target</c> refuses of clients.</exception>
    public abstract ReadOnlySpan<byte> Path { get; set; }

    /// <summary>Host and optional port that the client asked for; empty for an HTTP/1.0 request without <c>Host</c>.</summary>
    /// <exception cref="ArgumentException">Set to something that is not <c>uri-host[:port]</c>.</exception>
    public abstract ReadOnlySpan<byte> Authority { get; set; }

    /// <summary><c>http</c> or <c>https</c>: how the client's connection came in.</summary>
    public abstract ReadOnlySpan<byte> Scheme { get; }

    /// <summary><see cref="Path"/> without the query.</summary>
    public ReadOnlySpan<byte> PathWithoutQuery
    {
        get
        {
            var path = Path;
            int question = path.IndexOf((byte)'?');
            return question < 0 ? path : path[..question];
        }
    }

    /// <summary><see cref="Method"/> as a string.</summary>
    public string MethodString => Encoding.Latin1.GetString(Method);

    /// <summary><see cref="Path"/> as a string.</summary>
    public string PathString => Encoding.Latin1.GetString(Path);

    /// <summary><see cref="Authority"/> as a string.</summary>
    public string AuthorityString => Encoding.Latin1.GetString(Authority);
}
