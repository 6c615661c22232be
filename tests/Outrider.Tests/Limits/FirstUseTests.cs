using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Outrider.Tests.CommandLine;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Limits;

/// <summary>What is done for the first time while no descriptor is free may fail then, and only then: .NET must have nothing to remember.</summary>
public sealed class FirstUseTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("outrider-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [FactWith("prlimit")]
    public Task Nothing_is_broken_for_good_by_a_time_without_descriptors() => RecoversAsync(extension: false);

    [FactWith("prlimit")]
    public Task Nothing_that_an_extension_wants_is_broken_for_good_by_a_time_without_descriptors() => RecoversAsync(extension: true);

    private async Task RecoversAsync(bool extension)
    {
        int port = FreePorts.Next(), tlsPort = FreePorts.Next(), admin = FreePorts.Next();
        string file = Path.Combine(_folder, "proxy.json");
        await File.WriteAllTextAsync(file, Json(port, tlsPort, admin, extension));
        using var proxy = OutriderProcess.Start("start", "-c", file);
        await proxy.ListensAsync(port);

        // Connections that were accepted in good times; each asks for something else in bad ones.
        var requests = FirstUseFilter.Kinds.Where(_ => extension).Select(kind => $"GET /plain HTTP/1.1\r\nhost: a\r\nx-use: {kind}\r\nx-target: https://127.0.0.1:{tlsPort}/\r\n\r\n").Append("GET /tls HTTP/1.1\r\nhost: a\r\n\r\n").ToList();
        var clients = new List<RawClient>();
        foreach (string _ in requests)
        {
            var client = await RawClient.ConnectAsync(port);
            await client.SendAsync("GET /plain HTTP/1.1\r\nhost: a\r\n\r\n");
            Assert.EndsWith("plain", await client.ReadResponseAsync(), StringComparison.Ordinal);
            clients.Add(client);
        }

        using var metrics = await RawClient.ConnectAsync(admin);
        await Task.Delay(NoDescriptors.Rest);
        var time = await NoDescriptors.BeginAsync(proxy);
        await Task.WhenAll(requests.Zip(clients, async (request, client) =>
        {
            try
            {
                await client.SendAsync(request);
                string answer = await client.ReadResponseAsync();
                // One that had been silent for a second may have been closed for want of descriptors.
                Assert.True(answer.Length == 0 || answer.StartsWith("HTTP/1.1 ", StringComparison.Ordinal), answer);
            }
            catch (SocketException)
            {
                // It was, before the request.
            }
        }));
        await metrics.SendAsync(Admin("/metrics", admin));
        proxy.Signal(PosixSignal.SIGHUP);
        using var waiting = await RawClient.ConnectAsync(port);
        await waiting.SendAsync("GET /plain HTTP/1.1\r\nhost: a\r\n\r\n");

        await time.EndAsync();

        clients.ForEach(client => client.Dispose());
        Assert.EndsWith("plain", await waiting.ReadResponseAsync(), StringComparison.Ordinal);
        foreach (string request in requests)
        {
            using var client = await RawClient.ConnectAsync(port);
            await client.SendAsync(request);
            string answer = await client.ReadResponseAsync();
            // A filter that throws is a 500 in any times.
            Assert.StartsWith(request.Contains("exception", StringComparison.Ordinal) ? "HTTP/1.1 500 " : "HTTP/1.1 200 ", answer, StringComparison.Ordinal);
        }

        foreach (string page in (await AdminAsync("/", admin)).Split('\n').Where(line => line.StartsWith('/')).Select(line => line.Split(' ')[0]))
        {
            Assert.DoesNotContain(" failed: ", await AdminAsync(page, admin), StringComparison.Ordinal);
        }

        Assert.Contains("outrider_runtime_open_fds", await AdminAsync("/metrics", admin), StringComparison.Ordinal);
        proxy.Signal(PosixSignal.SIGHUP);
        await Eventually.HoldsAsync(() => File.ReadAllText(Path.Combine(_folder, "error.log")).Contains("configuration reloaded from", StringComparison.Ordinal));
        proxy.Signal(PosixSignal.SIGTERM);
        Assert.Equal(0, await proxy.ExitAsync());
    }

    private static string Admin(string path, int port) => $"GET {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nconnection: close\r\n\r\n";

    private static Task<string> AdminAsync(string path, int port) => RawClient.ExchangeAsync(port, Admin(path, port));

    private string Json(int port, int tlsPort, int admin, bool withExtension)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=a.test", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(Path.Combine(_folder, "cert.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(_folder, "key.pem"), key.ExportPkcs8PrivateKeyPem());
        string extension = withExtension ? JsonSerializer.Serialize(typeof(FirstUseFilter).Assembly.Location) : "";
        string filter = withExtension ? """{"type":"test-first-use"}""" : "";
        return $$$$$"""
            {"extensions":[{{{{{extension}}}}}],
            "servers":[{"default_log_path":"{{{{{_folder}}}}}/error.log","graceful_timeout":"1s",
            "routers":[
              {"router_config_name":"front","virtual_hosts":[{"name":"v","domains":["*"],"routers":[
                {"match":{"prefix":"/plain"},"direct_response":{"status":200,"body":"plain"}},{"match":{"prefix":"/"},"route":{"cluster_name":"tls"}}]}]},
              {"router_config_name":"back","virtual_hosts":[{"name":"v","domains":["*"],"routers":[{"match":{"prefix":"/"},"direct_response":{"status":200,"body":"ok"}}]}]}],
            "listeners":[
              {"name":"front","address":"127.0.0.1:{{{{{port}}}}}","bind_port":true,"stream_filters":[{{{{{filter}}}}}],
               "filter_chains":[{"filters":[{"type":"proxy","config":{"router_config_name":"front"}}]}]},
              {"name":"back","address":"127.0.0.1:{{{{{tlsPort}}}}}","bind_port":true,
               "filter_chains":[{"tls_context":{"status":true,"cert_chain":"{{{{{_folder}}}}}/cert.pem","private_key":"{{{{{_folder}}}}}/key.pem"},"filters":[{"type":"proxy","config":{"router_config_name":"back"}}]}]}]}],
            "cluster_manager":{"clusters":[{"name":"tls","type":"SIMPLE","lb_type":"LB_ROUNDROBIN","tls_context":{"status":true,"insecure_skip":true,"server_name":"a.test"},"hosts":[{"address":"127.0.0.1:{{{{{tlsPort}}}}}"}]}]},
            "admin":{"address":{"socket_address":{"address":"127.0.0.1","port_value":{{{{{admin}}}}}}}}}
            """;
    }
}
