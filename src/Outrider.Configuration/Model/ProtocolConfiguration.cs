using Outrider.Configuration.Problems;

namespace Outrider.Configuration.Model;

/// <summary>The name of what is spoken on one side. Whether there is a codec of that name, only a later step can say.</summary>
/// <param name="Name"><c>Http1</c>, <c>Http2</c>, <c>Auto</c>, or the name of a codec that an extension brings.</param>
/// <param name="Origin">Where it comes from; null where nobody says.</param>
internal sealed record ProtocolConfiguration(string Name, Origin? Origin = null)
{
    /// <summary>HTTP/1 alone.</summary>
    public const string Http1 = "Http1";

    /// <summary>HTTP/2 alone.</summary>
    public const string Http2 = "Http2";

    /// <summary>Either version of HTTP: TLS agrees on one, and without TLS it is the client's.</summary>
    public const string Auto = "Auto";

    /// <summary>What is meant where nothing is said.</summary>
    public static ProtocolConfiguration Default { get; } = new(Auto);

    /// <summary>A problem with the name.</summary>
    public ConfigurationProblem Problem(string message) => FilterProblem.At(Origin, "", message);
}
