namespace Outrider.Configuration.Model;

/// <summary>
/// One domain of a virtual host, taken apart as MOSN does. MOSN looks in this order: the exact host with the request's port,
/// the exact host with port <c>*</c>, the longest wildcard with the request's port, the longest wildcard with port <c>*</c>,
/// the default. A domain without a port answers requests without a port only.
/// </summary>
/// <param name="Text">As it is written.</param>
/// <param name="Kind">Exact, wildcard or default.</param>
/// <param name="Host">Lower case. Of a wildcard, what follows the star (<c>.example.com</c>), before which the request's host must have one character at least. An IPv6 address keeps its brackets, as in a Host header. Empty for the default.</param>
/// <param name="Port">Digits, <c>*</c> for any port, or empty for none. Empty for the default.</param>
internal sealed record DomainConfiguration(string Text, DomainKind Kind, string Host, string Port);
