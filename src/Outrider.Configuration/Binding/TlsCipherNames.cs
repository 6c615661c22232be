using System.Net.Security;

namespace Outrider.Configuration.Binding;

/// <summary>The names that configurations give to cipher suites: MOSN's, OpenSSL's and those of the IANA registry.</summary>
internal static class TlsCipherNames
{
    private static readonly Dictionary<string, TlsCipherSuite> s_names = new(StringComparer.OrdinalIgnoreCase)
    {
        ["ECDHE-ECDSA-AES256-GCM-SHA384"] = TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
        ["ECDHE-RSA-AES256-GCM-SHA384"] = TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        ["ECDHE-ECDSA-AES128-GCM-SHA256"] = TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        ["ECDHE-RSA-AES128-GCM-SHA256"] = TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        ["ECDHE-ECDSA-CHACHA20-POLY1305"] = TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
        ["ECDHE-RSA-CHACHA20-POLY1305"] = TlsCipherSuite.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
        ["ECDHE-RSA-AES256-CBC-SHA"] = TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA,
        ["ECDHE-RSA-AES128-CBC-SHA"] = TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA,
        ["ECDHE-ECDSA-AES256-CBC-SHA"] = TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA,
        ["ECDHE-ECDSA-AES128-CBC-SHA"] = TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA,
        ["RSA-AES256-CBC-SHA"] = TlsCipherSuite.TLS_RSA_WITH_AES_256_CBC_SHA,
        ["RSA-AES128-CBC-SHA"] = TlsCipherSuite.TLS_RSA_WITH_AES_128_CBC_SHA,

        // MOSN's second names for the same suites.
        ["ECDHE-ECDSA-WITH-CHACHA20-POLY1305"] = TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
        ["ECDHE-RSA-WITH-CHACHA20-POLY1305"] = TlsCipherSuite.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
        ["AES256-GCM-SHA384"] = TlsCipherSuite.TLS_AES_256_GCM_SHA384,
        ["AES128-GCM-SHA256"] = TlsCipherSuite.TLS_AES_128_GCM_SHA256,

        ["TLS_AES_128_GCM_SHA256"] = TlsCipherSuite.TLS_AES_128_GCM_SHA256,
        ["TLS_AES_256_GCM_SHA384"] = TlsCipherSuite.TLS_AES_256_GCM_SHA384,
        ["TLS_CHACHA20_POLY1305_SHA256"] = TlsCipherSuite.TLS_CHACHA20_POLY1305_SHA256,
    };

    /// <summary>Every name, in the order of preference.</summary>
    public static IEnumerable<string> All => s_names.Keys;

    /// <summary>The suite of that name.</summary>
    public static bool TryFind(string name, out TlsCipherSuite suite)
        => s_names.TryGetValue(name, out suite) || (s_names.ContainsValue(Parsed(name)) && (suite = Parsed(name)) != default);

    private static TlsCipherSuite Parsed(string name) => name.StartsWith("TLS_", StringComparison.Ordinal) && Enum.TryParse(name, out TlsCipherSuite suite) ? suite : default;
}
