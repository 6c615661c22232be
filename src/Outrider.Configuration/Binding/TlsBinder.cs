using System.Net.Security;
using System.Security.Authentication;
using System.Text.Json;
using Outrider.Configuration.Model;

namespace Outrider.Configuration.Binding;

/// <summary>
/// Binds a <c>tls_context</c> with MOSN's keys (<c>pkg/config/v2/tls.go</c>). What asks for TLS and cannot have it is an error,
/// never plain text: bytes that were to be encrypted must not travel in the clear.
/// </summary>
internal static class TlsBinder
{
    private static readonly Dictionary<string, SslProtocols> s_versions = new(StringComparer.OrdinalIgnoreCase)
    {
        ["tls_auto"] = SslProtocols.None,
        ["tlsv1_0"] = SslProtocols.None,
        ["tlsv1_1"] = SslProtocols.None,
        ["tlsv1_2"] = SslProtocols.Tls12,
        ["tlsv1_3"] = SslProtocols.Tls13,
    };

    private static readonly string[] s_oldVersions = ["tlsv1_0", "tlsv1_1"];

    private static readonly string[] s_curves = ["x25519", "p256", "p384", "p521"];

    /// <summary>The context under a key; null when there is none, or it is turned off.</summary>
    public static TlsConfiguration? Bind(ObjectReader reader, string key)
        => reader.Object(key) is { } context ? Bind(context) : null;

    /// <summary>A filter chain's contexts: <c>tls_context_set</c>, or else <c>tls_context</c>; those that are turned off are left out.</summary>
    public static IReadOnlyList<TlsConfiguration> BindSet(ObjectReader chain)
    {
        var set = chain.Objects("tls_context_set").Select(Bind).OfType<TlsConfiguration>().ToList();
        var single = Bind(chain, "tls_context");
        if (single is not null && set.Count > 0)
        {
            chain.Error("tls_context", "stands beside tls_context_set; only one of them may be given");
        }
        else if (single is not null)
        {
            set.Add(single);
        }

        return set;
    }

    private static TlsConfiguration? Bind(ObjectReader context)
    {
        if (!context.Flag("status", false))
        {
            // Whatever else it says, it says it in vain.
            return context.Take("status") is { Kind: not (JsonValueKind.True or JsonValueKind.False) } ? null : TurnedOff(context);
        }

        var configuration = new TlsConfiguration
        {
            Entry = context.Node.ToValue(),
            BaseDirectory = context.Node.Document.Folder,
            Type = context.Text("type") ?? "",
            ServerName = context.Text("server_name") ?? "",
            CaCert = context.Text("ca_cert") ?? "",
            CertChain = context.Text("cert_chain") ?? "",
            PrivateKey = context.Text("private_key") ?? "",
            VerifyClient = context.Flag("verify_client", false),
            RequireClientCert = context.Flag("require_client_cert", false),
            InsecureSkip = context.Flag("insecure_skip", false),
            Fallback = context.Flag("fall_back", false),
            Versions = Versions(context),
            CipherSuites = CipherSuites(context),
            ApplicationProtocols = ApplicationProtocols(context),
            HandshakeTimeout = context.Duration("handshake_timeout", TimeSpan.FromSeconds(10), ZeroDuration.IsWrong),
            ExtendVerify = context.Object("extend_verify")?.Node.ToValue(),
        };
        CheckCurves(context);
        if (configuration.CertChain.Length > 0 != configuration.PrivateKey.Length > 0)
        {
            string missing = configuration.CertChain.Length > 0 ? "private_key" : "cert_chain";
            context.Error(missing, "is missing: a certificate and its key go together");
        }

        if (configuration is { RequireClientCert: true, VerifyClient: false })
        {
            context.Warning("require_client_cert", "without verify_client a certificate is asked for but none is needed, and any will do (as in MOSN)");
        }

        if (context.Take("sds_source") is not null)
        {
            context.Error("sds_source", "certificates by SDS are not supported yet");
        }

        context.Ignore("ticket", "callbacks");
        context.Finish();
        return configuration;
    }

    private static TlsConfiguration? TurnedOff(ObjectReader context)
    {
        if (context.Text("cert_chain") is not null && context.Take("status") is null)
        {
            context.Warning("status", "is not given, so TLS is off; \"status\": true turns it on");
        }

        return null;
    }

    private static SslProtocols Versions(ObjectReader context)
    {
        var min = Version(context, "min_version", out bool tooOld);
        if (tooOld)
        {
            context.Warning("min_version", "TLS 1.0 and 1.1 are not spoken any more (RFC 8996); taken as tlsv1_2");
        }

        var max = Version(context, "max_version", out tooOld);
        if (tooOld)
        {
            context.Error("max_version", "TLS 1.0 and 1.1 are not spoken any more (RFC 8996), wanted tlsv1_2 or tlsv1_3");
        }

        if (min == SslProtocols.Tls13 && max == SslProtocols.Tls12)
        {
            context.Error("min_version", "is more than max_version: no version is left");
        }

        return (min == SslProtocols.Tls13 ? SslProtocols.None : SslProtocols.Tls12) | (max == SslProtocols.Tls12 ? SslProtocols.None : SslProtocols.Tls13);
    }

    private static SslProtocols Version(ObjectReader context, string key, out bool tooOld)
    {
        tooOld = false;
        tooOld = context.Text(key) is { } text && s_oldVersions.Contains(text, StringComparer.OrdinalIgnoreCase);
        return context.Choice(key, SslProtocols.None, s_versions);
    }

    private static List<TlsCipherSuite>? CipherSuites(ObjectReader context)
    {
        if (context.Text("cipher_suites") is not { } text)
        {
            return null;
        }

        var suites = new List<TlsCipherSuite>();
        foreach (string name in text.Split(':', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (TlsCipherNames.TryFind(name, out var suite))
            {
                suites.Add(suite);
            }
            else
            {
                context.Error("cipher_suites", $"there is no cipher suite \"{name}\"; there are, separated by colons: {string.Join(", ", TlsCipherNames.All)}");
            }
        }

        return suites.Count > 0 ? suites : null;
    }

    private static void CheckCurves(ObjectReader context)
    {
        if (context.Text("ecdh_curves") is not { } text)
        {
            return;
        }

        foreach (string name in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!s_curves.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                context.Error("ecdh_curves", $"there is no curve \"{name}\"; there are, separated by commas: {string.Join(", ", s_curves)}");
                return;
            }
        }

        context.Excuse("ecdh_curves", "is not honoured: OpenSSL's own choice of curves is used");
    }

    private static List<SslApplicationProtocol> ApplicationProtocols(ObjectReader context)
    {
        var protocols = new List<SslApplicationProtocol>();
        foreach (string name in (context.Text("alpn") ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (name.Equals("http/1.1", StringComparison.OrdinalIgnoreCase))
            {
                protocols.Add(SslApplicationProtocol.Http11);
            }
            else if (name.Equals("h2", StringComparison.OrdinalIgnoreCase))
            {
                protocols.Add(SslApplicationProtocol.Http2);
            }
            else
            {
                context.Warning("alpn", $"\"{name}\" is not supported and not offered; h2 and http/1.1 are");
            }
        }

        return protocols;
    }
}
