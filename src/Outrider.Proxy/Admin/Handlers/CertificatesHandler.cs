using System.Text.Json;

namespace Outrider.Proxy.Admin.Handlers;

/// <summary><c>/api/v1/certificates</c>: the certificates in force, where they are used and until when they are valid. Any thread.</summary>
/// <param name="source">Where they are.</param>
internal sealed class CertificatesHandler(IAdminSource source) : IAdminHandler
{
    /// <inheritdoc/>
    public string Path => "/api/v1/certificates";

    /// <inheritdoc/>
    public string Summary => "the certificates in force";

    /// <inheritdoc/>
    public ValueTask<AdminResponse> HandleAsync(AdminRequest request) => new(AdminResponse.Json(Write));

    private void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartArray();
        foreach (AdminCertificate certificate in source.Certificates)
        {
            writer.WriteStartObject();
            writer.WriteString("used_by", certificate.Where);
            writer.WriteString("subject", certificate.Subject);
            writer.WriteString("issuer", certificate.Issuer);
            writer.WriteStartArray("names");
            foreach (string name in certificate.Names)
            {
                writer.WriteStringValue(name);
            }

            writer.WriteEndArray();
            writer.WriteString("not_before", certificate.NotBefore);
            writer.WriteString("not_after", certificate.NotAfter);
            writer.WriteString("sha256", certificate.Fingerprint);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
