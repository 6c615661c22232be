using Outrider.Filters;

namespace Outrider.StockFilters.Rbac;

/// <summary>The names that a client's certificate bears.</summary>
internal static class PeerNames
{
    private const string Spiffe = "spiffe://";

    /// <summary>As Envoy tries them: URIs, or where there is none DNS names, or where there is none the subject.</summary>
    internal static IReadOnlyList<string> Of(StreamTls? tls)
    {
        if (tls?.PeerCertificate is not { } certificate)
        {
            return [];
        }

        var uris = certificate.AlternativeNames.Where(name => name.Contains("://", StringComparison.Ordinal)).ToList();
        return uris.Count > 0 ? uris : certificate.AlternativeNames.Count > 0 ? certificate.AlternativeNames : [certificate.Subject];
    }

    /// <summary>As MOSN reads <c>source.principal</c> of <c>istio_authn</c>: identities of SPIFFE without their scheme, and the subject's common name.</summary>
    internal static IEnumerable<string> OfMesh(StreamTls? tls)
    {
        foreach (string name in tls?.PeerCertificate?.AlternativeNames ?? [])
        {
            if (name.StartsWith(Spiffe, StringComparison.Ordinal))
            {
                yield return name[Spiffe.Length..];
            }
        }

        foreach (string part in tls?.PeerCertificate?.Subject.Split(',', StringSplitOptions.TrimEntries) ?? [])
        {
            if (part.StartsWith("CN=", StringComparison.Ordinal))
            {
                yield return part[3..];
            }
        }
    }
}
