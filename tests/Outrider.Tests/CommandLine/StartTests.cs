using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography.X509Certificates;
using Outrider.Tests.Harness;
using Outrider.Tests.Tls;

namespace Outrider.Tests.CommandLine;

public sealed class StartTests
{
    [Fact]
    public async Task The_samples_filter_lets_through_who_it_should()
    {
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        using var sample = new SampleCopy(upstream.Port);
        using var proxy = await StartAsync(sample);

        string refused = await RawClient.ExchangeAsync(sample.Port, "GET / HTTP/1.1\r\nhost: a\r\nx-secret: abc\r\nconnection: close\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 403 ", refused, StringComparison.Ordinal);
        Assert.DoesNotContain("abc", refused, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", refused, StringComparison.OrdinalIgnoreCase);
        Assert.StartsWith("HTTP/1.1 200 ", await RequestAsync(sample, "User: admin"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 403 ", await RequestAsync(sample, "User: eve"), StringComparison.Ordinal);
        Assert.DoesNotContain("eve", upstream.Received, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(PosixSignal.SIGTERM)]
    [InlineData(PosixSignal.SIGINT)]
    public async Task A_request_under_way_is_finished_before_the_program_ends_with_0(PosixSignal signal)
    {
        var gate = new TaskCompletionSource();
        using var upstream = new RawUpstream(async (connection, _) =>
        {
            await connection.ReadRequestAsync();
            await gate.Task;
            await connection.SendAsync("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nslow");
        });
        using var sample = new SampleCopy(upstream.Port);
        using var proxy = await StartAsync(sample);
        using var client = await RawClient.ConnectAsync(sample.Port);
        await client.SendAsync("GET / HTTP/1.1\r\nhost: a\r\nUser: admin\r\n\r\n");
        await Eventually.HoldsAsync(() => upstream.Received.Length > 0);

        proxy.Signal(signal);
        await Eventually.HoldsAsync(() => proxy.Out.Contains("stopping", StringComparison.Ordinal));
        gate.SetResult();
        string response = await client.ReadToEndAsync();

        Assert.StartsWith("HTTP/1.1 200 ", response, StringComparison.Ordinal);
        Assert.EndsWith("slow", response, StringComparison.Ordinal);
        Assert.Equal(0, await proxy.ExitAsync());
        Assert.Equal("", proxy.Error);
        await Assert.ThrowsAnyAsync<SocketException>(() => RawClient.ConnectAsync(sample.Port));
    }

    [Fact]
    public async Task A_reload_takes_the_filters_new_value_and_fails_no_request()
    {
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        using var sample = new SampleCopy(upstream.Port);
        using var proxy = await StartAsync(sample);
        using var stop = new CancellationTokenSource();
        // Both are always known to the filter by one of the two configurations; what must not happen is anything but 200 or 403.
        var load = Enumerable.Range(0, 4).Select(n => Task.Run(async () =>
        {
            int count = 0;
            using var client = await RawClient.ConnectAsync(sample.Port);
            while (!stop.IsCancellationRequested)
            {
                await client.SendAsync($"GET / HTTP/1.1\r\nhost: a\r\nUser: {(n % 2 == 0 ? "admin" : "root")}\r\n\r\n");
                Assert.Matches("^HTTP/1.1 (200|403) ", await client.ReadResponseAsync());
                count++;
            }

            return count;
        })).ToList();

        Assert.StartsWith("HTTP/1.1 403 ", await RequestAsync(sample, "User: root"), StringComparison.Ordinal);
        for (int i = 0; i < 4; i++)
        {
            (string before, string after) = i % 2 == 0 ? ("admin", "root") : ("root", "admin");
            sample.Edit($"\"User\": \"{before}\"", $"\"User\": \"{after}\"");
            proxy.Signal(PosixSignal.SIGHUP);
            await Eventually.HoldsAsync(async () => (await RequestAsync(sample, "User: " + after)).StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal));
            // Each loop takes the new configuration in its own time.
            await Eventually.HoldsAsync(async () => (await RequestAsync(sample, "User: " + before)).StartsWith("HTTP/1.1 403 ", StringComparison.Ordinal));
        }

        await stop.CancelAsync();
        Assert.All(await Task.WhenAll(load), count => Assert.True(count > 0));
    }

    [Fact]
    public async Task A_reload_that_is_wrong_leaves_all_as_it_was_and_is_logged()
    {
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        using var sample = new SampleCopy(upstream.Port);
        using var proxy = await StartAsync(sample);

        sample.Edit("\"User\": \"admin\"", "\"User\": 7");
        proxy.Signal(PosixSignal.SIGHUP);
        await Eventually.HoldsAsync(() => proxy.Out.Contains("the one in force stays", StringComparison.Ordinal));

        Assert.Contains("stream_filters[0].config", proxy.Out, StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200 ", await RequestAsync(sample, "User: admin"), StringComparison.Ordinal);
        Assert.False(proxy.HasExited);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_one_line_and_exit_code_1()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        int port = ((IPEndPoint)taken.LocalEndpoint).Port;
        using var sample = new SampleCopy(1);
        sample.Edit($"127.0.0.1:{sample.Port}", $"127.0.0.1:{port}");

        var (code, _, error) = await OutriderProcess.RunAsync("start", "-c", sample.File);

        AssertOneLine(code, error, $"127.0.0.1:{port}");
        (code, _, error) = await OutriderProcess.RunAsync("echo", "--listen", $"127.0.0.1:{port}");
        AssertOneLine(code, error, $"127.0.0.1:{port}");
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_is_one_line_and_exit_code_1()
    {
        using var sample = new SampleCopy(1);
        string missing = Path.Combine(sample.Folder, "missing.json");
        foreach (string file in new[] { missing, sample.Folder })
        {
            var (code, _, error) = await OutriderProcess.RunAsync("start", "-c", file);
            AssertOneLine(code, error, file);
        }
    }

    [Fact]
    public async Task A_dll_that_the_configuration_names_brings_its_filters()
    {
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        using var sample = new SampleCopy(upstream.Port);
        // The tests' own assembly has filters for this; it finds its dependencies beside it.
        sample.Edit("\"servers\": [", $"\"extensions\": [\"{typeof(StartTests).Assembly.Location}\"], \"servers\": [");
        sample.Edit("{ \"type\": \"demo\", \"config\": { \"User\": \"admin\" } }", "{ \"type\": \"test-greeting\", \"config\": { \"greeting\": \"moin\" } }");
        using var proxy = await StartAsync(sample);

        Assert.Contains("\r\nx-greeting: moin\r\n", await RequestAsync(sample, "User: x"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dll_that_the_configuration_names_brings_its_certificate_providers()
    {
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        using var sample = new SampleCopy(upstream.Port);
        using var authority = new TestAuthority();
        var certificate = authority.Issue("from.an.extension");
        await File.WriteAllTextAsync(Path.Combine(sample.Folder, "pair.pem"), certificate.Pem);
        await File.WriteAllTextAsync(Path.Combine(sample.Folder, "pair.key"), certificate.Key);
        sample.Edit("\"servers\": [", $"\"extensions\": [\"{typeof(StartTests).Assembly.Location}\"], \"servers\": [");
        sample.Edit(
            "\"filter_chains\": [\n            {",
            """
            "filter_chains": [
                        {
                          "tls_context": { "status": true, "type": "test-pair", "extend_verify": { "chain": "pair.pem", "key": "pair.key" } },
            """);
        using var proxy = await StartAsync(sample);

        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, sample.Port);
        using var tls = new SslStream(socket.GetStream());
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "from.an.extension",
            CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                CustomTrustStore = { X509Certificate2.CreateFromPem(authority.Pem) },
                RevocationMode = X509RevocationMode.NoCheck,
            },
        });

        Assert.Equal("CN=from.an.extension", tls.RemoteCertificate!.Subject);
    }

    [FactWith("nginx", "curl")]
    public async Task A_real_curl_reaches_a_real_nginx()
    {
        int port = OutriderProcess.FreePort();
        using var sample = new SampleCopy(port);
        string page = new('n', 300_000);
        Directory.CreateDirectory(Path.Combine(sample.Folder, "html"));
        await File.WriteAllTextAsync(Path.Combine(sample.Folder, "html", "page.txt"), page);
        string configuration = Path.Combine(sample.Folder, "nginx.conf");
        await File.WriteAllTextAsync(configuration, $$"""
            daemon off; master_process off; worker_processes 1; pid {{sample.Folder}}/nginx.pid; error_log stderr;
            events { worker_connections 64; }
            http { access_log off; client_body_temp_path {{sample.Folder}}/body; proxy_temp_path {{sample.Folder}}/proxy; fastcgi_temp_path {{sample.Folder}}/fastcgi;
              uwsgi_temp_path {{sample.Folder}}/uwsgi; scgi_temp_path {{sample.Folder}}/scgi;
              server { listen 127.0.0.1:{{port}}; root {{sample.Folder}}/html; } }
            """);
        using var nginx = OutriderProcess.StartOther(FactWithAttribute.Find("nginx")!, "-c", configuration, "-p", sample.Folder, "-e", "stderr");
        await nginx.ListensAsync(port);
        using var proxy = await StartAsync(sample);

        Assert.Equal("200 300000", await CurlAsync("-o", Path.Combine(sample.Folder, "got"), "-w", "%{http_code} %{size_download}", "-H", "User: admin", sample.Url("/page.txt")));
        Assert.Equal(page, await File.ReadAllTextAsync(Path.Combine(sample.Folder, "got")));
        Assert.Equal("206 5", await CurlAsync("-o", "/dev/null", "-w", "%{http_code} %{size_download}", "-H", "User: admin", "-r", "0-4", sample.Url("/page.txt")));
        Assert.Equal("404", await CurlAsync("-o", "/dev/null", "-w", "%{http_code}", "-H", "User: admin", sample.Url("/none")));
        Assert.Equal("200 0", await CurlAsync("-I", "-o", "/dev/null", "-w", "%{http_code} %{size_download}", "-H", "User: admin", sample.Url("/page.txt")));
        Assert.Equal("403", await CurlAsync("-o", "/dev/null", "-w", "%{http_code}", sample.Url("/page.txt")));
    }

    internal static void AssertOneLine((int Code, string Error) result, string mention) => AssertOneLine(result.Code, result.Error, mention);

    internal static void AssertOneLine(int code, string error, string mention)
    {
        Assert.Equal(1, code);
        string line = Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("outrider: ", line, StringComparison.Ordinal);
        Assert.Contains(mention, line, StringComparison.Ordinal);
    }

    private static async Task<OutriderProcess> StartAsync(SampleCopy sample)
    {
        var process = OutriderProcess.Start("start", "-c", sample.File);
        try
        {
            await process.ListensAsync(sample.Port);
            return process;
        }
        catch
        {
            process.Dispose();
            throw;
        }
    }

    private static Task<string> RequestAsync(SampleCopy sample, string header)
        => RawClient.ExchangeAsync(sample.Port, $"GET / HTTP/1.1\r\nhost: a\r\n{header}\r\nconnection: close\r\n\r\n");

    private static async Task<string> CurlAsync(params string[] arguments)
    {
        using var curl = OutriderProcess.StartOther("curl", ["-s", "-S", "-m", "20", .. arguments]);
        int code = await curl.ExitAsync();
        Assert.True(code == 0, curl.Error);
        return curl.Out.TrimEnd('\n');
    }
}
