using System.Text.Json.Serialization;

namespace Outrider.Plugins.Certificates;

/// <summary>What a plugin answers that gives certificates: the body of its answer, as MOSN's sample has it.</summary>
internal sealed record LoadedCertificate(
    [property: JsonPropertyName("cert_pem")] string? CertPem,
    [property: JsonPropertyName("key_pem")] string? KeyPem,
    [property: JsonPropertyName("ca_pem")] string? CaPem)
{
    // The key is not for logs.
    public override string ToString() => nameof(LoadedCertificate);
}
