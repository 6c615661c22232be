using System.Globalization;
using System.Net.Http;
using System.Text.Json;
using Outrider.Tests.CommandLine;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Libraries;

/// <summary>The program with a filter of an assembly in front of an upstream, in a folder of its own.</summary>
internal sealed class LibraryProxy : IDisposable
{
    private readonly RawUpstream _upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    private readonly HttpClient _client = new();
    private readonly int _port = OutriderProcess.FreePort();
    private readonly int _admin = OutriderProcess.FreePort();
    private OutriderProcess? _process;

    internal string Folder { get; } = Directory.CreateTempSubdirectory("outrider-library-").FullName;

    internal int Port => _port;

    internal string Library => Path.Combine(Folder, "filters.dll");

    internal string Configuration => Path.Combine(Folder, "mosn.json");

    internal OutriderProcess Process => _process!;

    internal string Log => File.Exists(Path.Combine(Folder, "out.log")) ? File.ReadAllText(Path.Combine(Folder, "out.log")) : "";

    /// <summary>Writes the configuration.</summary>
    /// <param name="entry">JSON of the stream filter; null for one of type <c>library</c>.</param>
    /// <param name="route">JSON of more members of the only route, beginning with a comma.</param>
    internal void Configure(string? entry = null, string route = "")
    {
        entry ??= """{"type":"library","library":{"path":"./filters.dll","filter":"version"},"config":{"note":"n"}}""";
        File.WriteAllText(Configuration, string.Create(CultureInfo.InvariantCulture, $$$"""
            {"servers":[{"default_log_path":"{{{Folder}}}/out.log","default_log_level":"INFO","graceful_timeout":"5s","processor":2,
            "routers":[{"router_config_name":"r","virtual_hosts":[{"name":"all","domains":["*"],"routers":[{"match":{"prefix":"/"},"route":{"cluster_name":"up"} {{{route}}} }]}]}],
            "listeners":[{"name":"l","address":"127.0.0.1:{{{_port}}}","bind_port":true,"stream_filters":[{{{entry}}}],
              "filter_chains":[{"filters":[{"type":"proxy","config":{"downstream_protocol":"Http1","upstream_protocol":"Http1","router_config_name":"r"}}]}]}]}],
            "cluster_manager":{"clusters":[{"name":"up","type":"SIMPLE","lb_type":"LB_ROUNDROBIN","hosts":[{"address":"{{{_upstream.Address}}}"}]}]},
            "admin":{"address":{"socket_address":{"address":"127.0.0.1","port_value":{{{_admin}}} } } } }
            """));
    }

    internal async Task StartAsync()
    {
        _process = OutriderProcess.Start("start", "-c", Configuration, "--warm-up", "no");
        await _process.ListensAsync(_port);
    }

    /// <summary>A header of the answer to a request; fails when it is not a 200.</summary>
    internal async Task<string> HeaderAsync(string name = "x-version")
    {
        using var response = await _client.GetAsync(new Uri($"http://127.0.0.1:{_port}/"));
        Assert.Equal(200, (int)response.StatusCode);
        return response.Headers.TryGetValues(name, out var values) ? values.Single() : "";
    }

    /// <summary>Waits until both loops answer by a version.</summary>
    internal async Task BecomesAsync(string version)
    {
        long end = Environment.TickCount64 + (long)Eventually.Patience.TotalMilliseconds;
        for (int same = 0; same < 10;)
        {
            Assert.True(Environment.TickCount64 < end, $"still {await HeaderAsync()}, not {version}: {Log}");
            // On connections of their own, which come to either loop.
            using var client = new HttpClient();
            using var response = await client.GetAsync(new Uri($"http://127.0.0.1:{_port}/"));
            Assert.Equal(200, (int)response.StatusCode);
            same = response.Headers.TryGetValues("x-version", out var values) && values.Single() == version ? same + 1 : 0;
            if (same == 0)
            {
                await Task.Delay(50);
            }
        }
    }

    /// <summary>What the admin API says of the library.</summary>
    internal async Task<JsonElement> StatusAsync()
        => JsonDocument.Parse(await _client.GetStringAsync(new Uri($"http://127.0.0.1:{_admin}/api/v1/library"))).RootElement[0];

    /// <summary>Waits until no old version is in memory.</summary>
    internal Task AllOldGoAsync() => Eventually.HoldsAsync(() => StatusAsync().GetAwaiter().GetResult().GetProperty("old_versions").GetInt32() == 0);

    internal long ResidentKilobytes()
    {
        string line = File.ReadLines($"/proc/{_process!.Id}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

    /// <summary>Waits until so many requests have not ended.</summary>
    internal Task ActiveAsync(int count) => Eventually.HoldsAsync(() => _client.GetStringAsync(new Uri($"http://127.0.0.1:{_admin}/metrics")).GetAwaiter().GetResult()
        .Contains(string.Create(CultureInfo.InvariantCulture, $"\noutrider_streams_active {count}\n"), StringComparison.Ordinal));

    internal async Task<(int Status, string Text)> ReloadAsync(string name)
    {
        using var response = await _client.PostAsync(new Uri($"http://127.0.0.1:{_admin}/api/v1/library?reload={name}"), null);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    internal async Task LogsAsync(string text)
    {
        for (long end = Environment.TickCount64 + (long)Eventually.Patience.TotalMilliseconds; !Log.Contains(text, StringComparison.Ordinal);)
        {
            Assert.True(Environment.TickCount64 < end, $"'{text}' is not in the log: {Log}");
            await Task.Delay(50);
        }
    }

    public void Dispose()
    {
        _process?.Dispose();
        _client.Dispose();
        _upstream.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}
