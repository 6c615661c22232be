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
    ReadOnlyMemory<byte> Body);
