using System.Formats.Asn1;
using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Outrider.Plugins.Modules.Tls;

/// <summary>Distinguished names as RFC 2253 writes them, and with it OpenSSL and Envoy: <c>CN=alice,O=Example</c>. .NET's own way has spaces and quotation marks.</summary>
internal static class DistinguishedNames
{
    internal static string Write(X500DistinguishedName name)
    {
        var text = new StringBuilder();
        foreach (var part in name.EnumerateRelativeDistinguishedNames(reversed: true))
        {
            if (part.HasMultipleElements)
            {
                // Rare, and .NET does not take them apart.
                return name.Name;
            }

            string oid = part.GetSingleElementType().Value!;
            _ = text.Append(text.Length > 0 ? "," : "").Append(TypeOf(oid) ?? oid).Append('=');
            if (TypeOf(oid) is not null && part.GetSingleElementValue() is { } value)
            {
                Escape(value, text);
            }
            else
            {
                _ = text.Append('#').Append(Convert.ToHexString(ValueOf(part)));
            }
        }

        return text.ToString();
    }

    // RFC 2253 §2.3 has the first nine. A type without a name is its number, and its value the digits of its DER.
    private static string? TypeOf(string oid) => oid switch
    {
        "2.5.4.3" => "CN",
        "2.5.4.7" => "L",
        "2.5.4.8" => "ST",
        "2.5.4.10" => "O",
        "2.5.4.11" => "OU",
        "2.5.4.6" => "C",
        "2.5.4.9" => "street",
        "0.9.2342.19200300.100.1.25" => "DC",
        "0.9.2342.19200300.100.1.1" => "UID",
        "1.2.840.113549.1.9.1" => "emailAddress",
        "2.5.4.5" => "serialNumber",
        _ => null,
    };

    // RelativeDistinguishedName ::= SET OF SEQUENCE { type, value } (RFC 5280 §4.1.2.4).
    private static ReadOnlySpan<byte> ValueOf(X500RelativeDistinguishedName part)
    {
        var pair = new AsnReader(part.RawData, AsnEncodingRules.DER).ReadSetOf().ReadSequence();
        _ = pair.ReadObjectIdentifier();
        return pair.ReadEncodedValue().Span;
    }

    // RFC 2253 §2.4; what is not ASCII as OpenSSL does it, by the bytes of its UTF-8.
    private static void Escape(string value, StringBuilder text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(value);
        for (int i = 0; i < bytes.Length; i++)
        {
            char c = (char)bytes[i];
            if (c is < ' ' or >= (char)127)
            {
                _ = text.Append(CultureInfo.InvariantCulture, $"\\{bytes[i]:X2}");
                continue;
            }

            bool special = c is ',' or '+' or '"' or '\\' or '<' or '>' or ';'
                || (i == 0 && c is '#' or ' ')
                || (i == bytes.Length - 1 && c == ' ');
            _ = text.Append(special ? "\\" : "").Append(c);
        }
    }
}
