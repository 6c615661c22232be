using System.Buffers;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Outrider.Net.Tls;
using Outrider.Security;

namespace Outrider.Proxy.Streams;

/// <summary>
/// A client's certificate as an element of <c>x-forwarded-client-cert</c>, in Envoy's form: <c>Hash=…;Subject="…";URI=…;DNS=…</c>. Made once
/// for each connection. Any thread.
/// </summary>
internal static class ClientCertificateText
{
    private static readonly ConditionalWeakTable<TlsInfo, byte[]> s_texts = [];
    private static readonly SearchValues<char> s_special = SearchValues.Create(",;=\"\\ ");

    /// <summary>The element; null where the client showed none.</summary>
    internal static byte[]? Of(TlsInfo? info) => info?.PeerCertificate is null ? null : s_texts.GetValue(info, Make);

    private static byte[] Make(TlsInfo info)
    {
        var certificate = info.PeerCertificate!;
        var text = new StringBuilder("Hash=").Append(Convert.ToHexStringLower(certificate.GetCertHash(HashAlgorithmName.SHA256)));
        Append(text, "Subject", certificate.Subject, alwaysQuoted: true);
        foreach (string name in AlternativeNames.Of(certificate))
        {
            if (!System.Net.IPAddress.TryParse(name, out _))
            {
                Append(text, name.Contains(':', StringComparison.Ordinal) ? "URI" : "DNS", name, alwaysQuoted: false);
            }
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    // What a certificate says is whatever its owner wanted: it must not end the element, or the field.
    private static void Append(StringBuilder text, string key, string value, bool alwaysQuoted)
    {
        bool isQuoted = alwaysQuoted || value.AsSpan().ContainsAny(s_special);
        text.Append(';').Append(key).Append('=').Append(isQuoted ? "\"" : "");
        foreach (char c in value)
        {
            if (char.IsControl(c))
            {
                text.Append('?');
                continue;
            }

            text.Append(c is '"' or '\\' ? "\\" : "").Append(c);
        }

        text.Append(isQuoted ? "\"" : "");
    }
}
