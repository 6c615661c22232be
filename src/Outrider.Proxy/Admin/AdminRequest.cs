namespace Outrider.Proxy.Admin;

/// <summary>One request to the admin API. Immutable.</summary>
/// <param name="Method">The method.</param>
/// <param name="Path">The path, decoded.</param>
/// <param name="Query">The query's parameters in order, decoded; one without a value has an empty one.</param>
/// <param name="Body">The body; empty when there is none.</param>
internal sealed record AdminRequest(
    string Method,
    string Path,
    IReadOnlyList<KeyValuePair<string, string>> Query,
    ReadOnlyMemory<byte> Body)
{
    /// <summary>Who the client believes to talk to, with its port if it says one; null where an HTTP/1.0 client says nothing.</summary>
    public string? Authority { get; init; }

    /// <summary>Has it shown the token that every request has to show? False where none has to.</summary>
    public bool HasToken { get; init; }

    /// <summary>Is it of a client on another machine, which nobody has said may do more than look?</summary>
    public bool IsForeign { get; init; }

    /// <summary>The headers in order, names in lower case.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>The first header of that name, which is in lower case; null when there is none.</summary>
    public string? Header(string name) => Headers.FirstOrDefault(header => header.Key == name).Value;
}
