namespace Outrider.Filters;

/// <summary>What a <see cref="ICertificateProvider"/> delivers, as PEM text (RFC 7468).</summary>
/// <param name="CertificateChain">The certificate, then the intermediates up to (but for) the root; null for a cluster that shows none.</param>
/// <param name="PrivateKey">The certificate's key, not encrypted; null where there is no certificate.</param>
/// <param name="Authorities">The authorities that the peer's certificate may come from; null for the system's.</param>
public sealed record CertificateMaterial(string? CertificateChain, string? PrivateKey, string? Authorities)
{
    /// <summary>Where the three came from, for messages: a file's name. Empty where there is nothing to add.</summary>
    public string Source { get; init; } = "";

    /// <summary>Without the key: this ends up in logs.</summary>
    public override string ToString() => $"certificate material from {(Source.Length > 0 ? Source : "a provider")}";
}
