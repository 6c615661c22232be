namespace Outrider.Security;

/// <summary>A context and where it is used.</summary>
/// <param name="Where">For people: <c>listener 'edge'</c>.</param>
/// <param name="Context">The context.</param>
internal sealed record TlsContextUse(string Where, TlsContext Context);
