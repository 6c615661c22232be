namespace Outrider.Proxy.Configuration.Model;

/// <summary>What of a request a <c>hash_policy</c> takes its hash of.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Name">The header's or the cookie's name; empty for an address.</param>
internal readonly record struct HashSource(HashSourceKind Kind, string Name);
