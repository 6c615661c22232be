using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Outrider.Plugins.Modules;
using Outrider.Plugins.Modules.Configurations;
using Outrider.Plugins.Modules.Libraries;
using Outrider.Plugins.Modules.Tls;
using Outrider.Tests.CommandLine;
using Outrider.Tests.Filters;
using Outrider.Tests.Tls;

namespace Outrider.Tests.Modules;

/// <summary>What a module is told of TLS, on both sides of the proxy.</summary>
public sealed class TlsAttributeTests : IDisposable
{
    private readonly TlsLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [CompilerFact("gcc")]
    public async Task A_module_knows_the_certificates_of_both_connections()
    {
        var alice = _lab.Authority.Issue("alice, O=\"Tick, Tack\"", ["10.1.2.3", "spiffe://example.com/alice", "alice.example.com"]);
        using var upstream = TlsUpstream.Start(_lab.Server, async (stream, _) =>
        {
            while (await TlsUpstream.ReadHeadAsync(stream) is { Length: > 0 })
            {
                await stream.WriteAsync(Encoding.ASCII.GetBytes(FilterExchange.Response("ok")));
            }
        });
        var module = ModuleLibrary.Load(BuiltModule.C("stream"), ModuleLimits.Default.Timeout);
        await using var proxy = await _lab.StartAsync(
            [upstream.Address],
            [_lab.Context($$""","verify_client":true,"require_client_cert":true,"ca_cert":"{{_lab.Path("ca.pem")}}" """)],
            cluster: $$""","tls_context":{"status":true,"server_name":"localhost","ca_cert":"{{_lab.Path("ca.pem")}}"}""",
            filter: new ModuleFilterFactory(ModuleConfiguration.Create(module, "tls", ModuleLimits.Default, [])));

        string response = await TlsClient.GetAsync(proxy.Port, certificate: alice);

        string downstream = $"localhost|TLSv1.3|CN=localhost|CN=alice,O=Tick\\, Tack|localhost|alice.example.com||spiffe://example.com/alice|{Digest(alice)}|";
        string up = $"TLSv1.3||CN=localhost||localhost|||{Digest(_lab.Server)}|";
        Assert.Equal($"{downstream}{up}1 1", response.Split("x-said: tls: ")[1].Split("\r\n")[0]);
    }

    [FactWith("openssl")]
    public async Task A_subject_is_written_as_OpenSSL_writes_it()
    {
        var subject = new X500DistinguishedNameBuilder();
        subject.AddCountryOrRegion("DE");
        subject.AddOrganizationName("a, b + \"c\" <d>; e\\f");
        subject.AddOrganizationalUnitName(" #spaces ");
        subject.AddDomainComponent("example");
        subject.AddEmailAddress("x@example.com");
        subject.Add("2.5.4.5", "42");
        subject.Add("1.3.6.1.4.1.55555.1", "odd", System.Formats.Asn1.UniversalTagNumber.UTF8String);
        subject.AddCommonName("#Zoë");
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest(subject.Build(), key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(1));
        string output = await TlsLab.RunAsync("openssl", certificate.ExportCertificatePem() + "\n", "x509", "-noout", "-subject", "-nameopt", "RFC2253");
        Assert.Equal(output.Trim(), "subject=" + DistinguishedNames.Write(certificate.SubjectName));
    }

    private static string Digest(TestCertificate certificate)
    {
        using var loaded = certificate.Load();
        // As much of it as the module shows.
        return Convert.ToHexStringLower(loaded.GetCertHash(HashAlgorithmName.SHA256))[..8];
    }
}
