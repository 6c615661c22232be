using System.Formats.Asn1;
using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace Outrider.Security;

/// <summary>Reads a certificate's alternative names: .NET's own reader leaves out URIs, and SPIFFE names are URIs.</summary>
internal static class AlternativeNames
{
    // GeneralName ::= CHOICE (RFC 5280 §4.2.1.6).
    private static readonly Asn1Tag s_dnsName = new(TagClass.ContextSpecific, 2);
    private static readonly Asn1Tag s_uri = new(TagClass.ContextSpecific, 6);
    private static readonly Asn1Tag s_address = new(TagClass.ContextSpecific, 7);

    /// <summary>Those of a certificate.</summary>
    internal static IEnumerable<string> Of(X509Certificate2 certificate)
    {
        foreach (var extension in certificate.Extensions)
        {
            // OID of subjectAltName (RFC 5280 §4.2.1.6).
            if (extension.Oid?.Value != "2.5.29.17")
            {
                continue;
            }

            foreach (string name in Read(extension.RawData))
            {
                yield return name;
            }
        }
    }

    /// <summary>DNS names, URIs and IP addresses in the extension's order; other kinds are left out, and so is all of what is not DER.</summary>
    internal static IReadOnlyList<string> Read(ReadOnlyMemory<byte> extension)
    {
        var names = new List<string>();
        try
        {
            var sequence = new AsnReader(extension, AsnEncodingRules.DER).ReadSequence();
            while (sequence.HasData)
            {
                var tag = sequence.PeekTag();
                if (tag == s_dnsName || tag == s_uri)
                {
                    names.Add(sequence.ReadCharacterString(UniversalTagNumber.IA5String, tag));
                }
                else if (tag == s_address && sequence.ReadOctetString(tag) is { Length: 4 or 16 } address)
                {
                    names.Add(new IPAddress(address).ToString());
                }
                else if (tag != s_address)
                {
                    _ = sequence.ReadEncodedValue();
                }
            }
        }
        catch (AsnContentException)
        {
            names.Clear();
        }

        return names;
    }
}
