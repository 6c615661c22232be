namespace Outrider.Configuration.Model;

/// <summary>What of a request a <c>hash_policy</c> takes its hash of.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Name">The header's or the cookie's name; a parameter's of the query; empty for an address or the path.</param>
/// <param name="Cookie">The cookie that is made where the client brings none; null for none.</param>
internal readonly record struct HashSource(HashSourceKind Kind, string Name, AffinityConfiguration? Cookie = null);
