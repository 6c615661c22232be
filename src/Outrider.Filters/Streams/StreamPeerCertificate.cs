namespace Outrider.Filters;

/// <summary>A peer's certificate, as far as filters decide by it. Immutable.</summary>
/// <param name="Subject">Its subject: <c>CN=alice, O=Example</c>.</param>
/// <param name="AlternativeNames">Its alternative names: DNS names, IP addresses and URIs as they are, in the certificate's order.</param>
/// <param name="Fingerprint">SHA-256 of the certificate's DER, as 64 lower-case hexadecimal digits.</param>
public sealed record StreamPeerCertificate(string Subject, IReadOnlyList<string> AlternativeNames, string Fingerprint);
