using System.Globalization;
using Outrider.Tests.CommandLine;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Envoy;

/// <summary>A stock Envoy with our modules, ended with the test.</summary>
internal sealed class EnvoyProcess : IDisposable
{
    private static int s_nextId = (Environment.ProcessId % 2000) + 100;

    private readonly OutriderProcess _process;
    private readonly string _folder;

    private EnvoyProcess(OutriderProcess process, string folder, int port, int adminPort)
    {
        _process = process;
        _folder = folder;
        Port = port;
        AdminPort = adminPort;
        Client = new HttpClient(new SocketsHttpHandler { UseProxy = false, MaxConnectionsPerServer = 256, UseCookies = false }) { BaseAddress = new Uri($"http://127.0.0.1:{port}/"), Timeout = 2 * Eventually.Patience };
    }

    internal int Port { get; }

    internal int AdminPort { get; }

    internal HttpClient Client { get; }

    internal string Log => _process.Error;

    internal int Id => _process.Id;

    internal bool HasExited => _process.HasExited;

    /// <summary>Starts Envoy with one listener, and waits until it listens.</summary>
    internal static async Task<EnvoyProcess> StartAsync(
        EnvoyModules modules, int upstream, IEnumerable<string> filters, string? routes = null, int workers = 1, string? clusters = null, string? more = null,
        IReadOnlyDictionary<string, string>? environment = null, MemoryGroup? group = null, params string[] arguments)
    {
        var envoy = Launch(modules, port => EnvoyYaml.Listener(port, filters, routes, more: more), upstream, workers, clusters, environment: environment, arguments: arguments, group: group);
        await envoy._process.ListensAsync(envoy.Port);
        return envoy;
    }

    /// <summary>Starts Envoy, and waits until it has refused the configuration. Returns its log.</summary>
    internal static async Task<string> RefusesAsync(EnvoyModules modules, IEnumerable<string> filters, string? routes = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        using var envoy = Launch(modules, port => EnvoyYaml.Listener(port, filters, routes), 1, 1, null, environment: environment);
        Assert.NotEqual(0, await envoy._process.ExitAsync());
        return envoy.Log;
    }

    /// <summary>Starts Envoy with listeners that it reads from a file, and reads again whenever the file is replaced.</summary>
    internal static async Task<(EnvoyProcess Envoy, Action<string> Replace)> StartWatchingAsync(EnvoyModules modules, int upstream, string filter, int workers)
    {
        string file = "";
        int listener = 0;
        int version = 0;
        void Replace(string filterLine)
        {
            // The listener's own lines are one level further in than in a static configuration.
            string text = $"version_info: \"{++version}\"\nresources:\n- \"@type\": type.googleapis.com/envoy.config.listener.v3.Listener\n  {EnvoyYaml.Listener(listener, [filterLine])}";
            File.WriteAllText(file + ".new", text);
            File.Move(file + ".new", file, overwrite: true);
        }

        var envoy = Launch(
            modules,
            port => "",
            upstream,
            workers,
            null,
            (folder, port) =>
            {
                file = Path.Combine(folder, "listeners.yaml");
                listener = port;
                Replace(filter);
                return $"dynamic_resources: {{ lds_config: {{ path_config_source: {{ path: {file}, watched_directory: {{ path: {folder} }} }}, resource_api_version: V3 }} }}\n";
            });
        await envoy._process.ListensAsync(envoy.Port);
        return (envoy, Replace);
    }

    internal async Task<string> GetAsync(string path, params (string Name, string Value)[] headers)
    {
        using var response = await SendAsync(path, headers);
        return await response.Content.ReadAsStringAsync();
    }

    internal Task<HttpResponseMessage> SendAsync(string path, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Get, path, null, headers);

    internal async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? content, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await Client.SendAsync(request);
    }

    /// <summary>One number of Envoy's own statistics.</summary>
    internal async Task<string> AdminAsync(string path)
    {
        using var client = new HttpClient();
        return await client.GetStringAsync(new Uri($"http://127.0.0.1:{AdminPort}/{path}"));
    }

    /// <summary>Sum of Envoy's resident memory in kilobytes.</summary>
    internal long ResidentKilobytes()
    {
        string line = File.ReadLines($"/proc/{_process.Id}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

    public void Dispose()
    {
        Client.Dispose();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static EnvoyProcess Launch(
        EnvoyModules modules, Func<int, string> listener, int upstream, int workers, string? clusters, Func<string, int, string>? dynamic = null, IReadOnlyDictionary<string, string>? environment = null,
        string[]? arguments = null, MemoryGroup? group = null)
    {
        int port = OutriderProcess.FreePort(), admin = OutriderProcess.FreePort();
        string folder = Directory.CreateTempSubdirectory("outrider-envoy-").FullName;
        string file = Path.Combine(folder, "envoy.yaml");
        string listeners = listener(port);
        File.WriteAllText(file, string.Concat(
            "node: { id: test, cluster: test }\n",
            dynamic?.Invoke(folder, port) ?? "",
            "static_resources:\n",
            listeners.Length == 0 ? "" : "  listeners:\n  - " + listeners.Replace("\n", "\n  ", StringComparison.Ordinal).TrimEnd() + "\n",
            "  clusters:\n  - ",
            EnvoyYaml.Cluster("up", upstream),
            "\n",
            clusters ?? "",
            $"admin: {{ address: {{ socket_address: {{ address: 127.0.0.1, port_value: {admin} }} }} }}\n"));
        int id = Interlocked.Increment(ref s_nextId);
        var process = OutriderProcess.StartOther(
            group is null ? EnvoyFactAttribute.Program! : "/bin/sh",
            new Dictionary<string, string>(environment ?? new Dictionary<string, string>()) { ["ENVOY_DYNAMIC_MODULES_SEARCH_PATH"] = environment?.GetValueOrDefault("ENVOY_DYNAMIC_MODULES_SEARCH_PATH") ?? modules.Folder },
            [
                .. group?.Enter(EnvoyFactAttribute.Program!) ?? [], "-c", file, "--base-id", id.ToString(CultureInfo.InvariantCulture), "--concurrency", workers.ToString(CultureInfo.InvariantCulture), "-l", "warn", "--file-flush-interval-msec", "20",
                "--drain-time-s", "4", "--drain-strategy", "immediate", .. arguments ?? [],
            ]);
        return new EnvoyProcess(process, folder, port, admin);
    }
}
