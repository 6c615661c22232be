using System.Text.Json.Serialization;

namespace Outrider.Samples.CertLoader;

/// <summary>What the proxy's certificate provider <c>loader</c> wants as the body of an answer.</summary>
internal sealed record Certificate(
    [property: JsonPropertyName("cert_pem")] string CertPem,
    [property: JsonPropertyName("key_pem")] string KeyPem,
    [property: JsonPropertyName("ca_pem")] string CaPem);

/// <summary>Writes it without reflection.</summary>
[JsonSerializable(typeof(Certificate))]
internal sealed partial class CertificateJson : JsonSerializerContext;
