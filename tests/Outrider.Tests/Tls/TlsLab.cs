using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Outrider.Filters;
using Outrider.Tests.CommandLine;
using Outrider.Tests.Harness;
using Outrider.Tests.Logging;

namespace Outrider.Tests.Tls;

/// <summary>A folder with certificates, and proxies that use them.</summary>
internal sealed class TlsLab : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    internal TlsLab()
    {
        Server = Authority.Issue("localhost", ["localhost", "127.0.0.1"]);
        Write("ca.pem", Authority.Pem);
        Write("server", Server);
    }

    internal TestAuthority Authority { get; } = new();

    /// <summary>For localhost and 127.0.0.1; in <c>server.pem</c> and <c>server.key</c>.</summary>
    internal TestCertificate Server { get; }

    /// <summary>A context with the server's certificate, and more keys that begin with a comma.</summary>
    internal string Context(string more = "", string name = "server")
        => $$"""{"status":true,"cert_chain":"{{Path($"{name}.pem")}}","private_key":"{{Path($"{name}.key")}}"{{more}}}""";

    internal string Path(string name) => _folder.File(name);

    internal string Write(string name, string text)
    {
        // As renewals should: the new file takes the old one's place at once.
        string path = Path(name);
        File.WriteAllText(path + ".new", text);
        File.Move(path + ".new", path, overwrite: true);
        return path;
    }

    /// <summary>Writes NAME.pem and NAME.key.</summary>
    internal void Write(string name, TestCertificate certificate)
    {
        Write($"{name}.key", certificate.Key);
        Write($"{name}.pem", certificate.Pem);
    }

    /// <summary>Starts a proxy.</summary>
    /// <param name="upstreams">Addresses of the only cluster's hosts.</param>
    /// <param name="contexts">The listener's contexts; none for plain text.</param>
    /// <param name="listener">More JSON for the listener, beginning with a comma.</param>
    /// <param name="cluster">More JSON for the cluster, beginning with a comma.</param>
    /// <param name="route">JSON of the only virtual host's <c>routers</c>; null for one that forwards everything.</param>
    /// <param name="filter">Factory of the only filter.</param>
    /// <param name="certificates">The certificate providers.</param>
    /// <param name="accessLog">Format of an access log in <c>access.log</c>.</param>
    /// <param name="limits">JSON of the proxy filter's <c>extend_config</c>, without braces.</param>
    /// <param name="loops">How many loops.</param>
    /// <param name="protocol">The listener's <c>downstream_protocol</c>.</param>
    internal Task<TestProxy> StartAsync(
        IEnumerable<string> upstreams, string[]? contexts = null, string listener = "", string cluster = "", string? route = null,
        IStreamFilterFactory? filter = null, CertificateProviderRegistry? certificates = null, string? accessLog = null, string limits = "", int loops = 1, string protocol = "Http1")
        => TestProxy.StartJsonAsync(
            Configuration(upstreams, contexts ?? [Context()], listener, cluster, route, filter is not null, accessLog, limits, loops, protocol),
            Registry(filter), certificates: certificates);

    /// <summary>The configuration of <see cref="StartAsync"/>.</summary>
    internal string Configuration(
        IEnumerable<string> upstreams, string[] contexts, string listener = "", string cluster = "", string? route = null,
        bool filtered = false, string? accessLog = null, string limits = "", int loops = 1, string protocol = "Http1")
    {
        string hosts = string.Join(",", upstreams.Select(u => $$"""{"address":"{{u}}"}"""));
        string tls = contexts.Length == 0 ? "" : $"\"tls_context_set\":[{string.Join(",", contexts)}],";
        string access = accessLog is null ? "" : $$""","access_logs":[{"log_path":"{{Path("access.log")}}","log_format":{{JsonSerializer.Serialize(accessLog)}}}]""";
        route ??= """[{"match":{"prefix":"/"},"route":{"cluster_name":"up"}}]""";
        return $$$$$"""
            {"servers":[{"overload_delay":"0s","default_log_path":"{{{{{Path($"{Guid.NewGuid():n}.log")}}}}}","default_log_level":"DEBUG","graceful_timeout":"5s","processor":{{{{{loops}}}}},
            "routers":[{"router_config_name":"r","virtual_hosts":[{"name":"all","domains":["*"],"routers":{{{{{route}}}}}}]}],
            "listeners":[{"name":"l","address":"127.0.0.1:0","bind_port":true{{{{{listener}}}}}{{{{{access}}}}},
              "filter_chains":[{{{{{{tls}}}}}"filters":[{"type":"proxy","config":{"downstream_protocol":"{{{{{protocol}}}}}","upstream_protocol":"Http1","router_config_name":"r","extend_config":{ {{{{{limits}}}}} } } }]}],
              "stream_filters":[{{{{{(filtered ? "{\"type\":\"f\"}" : "")}}}}}]}]}],
            "cluster_manager":{"clusters":[{"name":"up","type":"SIMPLE","lb_type":"LB_ROUNDROBIN"{{{{{cluster}}}}},"hosts":[{{{{{hosts}}}}}]}]},
            "admin":{"address":{"socket_address":{"address":"127.0.0.1","port_value":0}}}}
            """;
    }

    /// <summary>A proxy's error log so far.</summary>
    internal static string LogOf(TestProxy proxy)
    {
        proxy.Server.LogFiles.All.ToList().ForEach(file => file.Flush(Eventually.Patience));
        return File.ReadAllText(proxy.Server.Configuration.Server.DefaultLogPath);
    }

    /// <summary>Runs a program with that input; returns everything that it printed. It is killed when it takes too long.</summary>
    internal static async Task<string> RunAsync(string program, string input, params string[] arguments)
    {
        var start = new ProcessStartInfo(FactWithAttribute.Find(program)!, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var output = new StringBuilder();
        process.OutputDataReceived += (_, e) => Append(output, e.Data);
        process.ErrorDataReceived += (_, e) => Append(output, e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            await process.StandardInput.WriteAsync(input);
            if (!input.EndsWith('~'))
            {
                process.StandardInput.Close();
            }
        }
        catch (IOException)
        {
            // It has ended already.
        }

        using var patience = new CancellationTokenSource(Eventually.Patience);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            Append(output, "killed: took too long");
        }

        lock (output)
        {
            return output.ToString();
        }
    }

    /// <summary>Runs <c>openssl s_client</c> for one request; returns what it printed, the response included.</summary>
    internal static Task<string> SClientAsync(int port, params string[] arguments)
        => RunAsync("openssl", "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", ["s_client", "-connect", $"127.0.0.1:{port}", "-ign_eof", .. arguments]);

    public void Dispose()
    {
        Authority.Dispose();
        _folder.Dispose();
    }

    private static void Append(StringBuilder output, string? line)
    {
        lock (output)
        {
            output.Append(line).Append('\n');
        }
    }

    private static StreamFilterRegistry Registry(IStreamFilterFactory? filter)
    {
        var registry = new StreamFilterRegistry();
        if (filter is not null)
        {
            registry.Add("f", _ => filter);
        }

        return registry;
    }
}
