using System.Globalization;
using System.Runtime.InteropServices;
using Outrider.Tests.CommandLine;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Nginx;

/// <summary>A stock nginx with our module: master and workers, one server for HTTP/1 and one for HTTP/2. Ended with the test.</summary>
internal sealed partial class NginxProcess : IDisposable
{
    private const string DefaultMain = "worker_shutdown_timeout 5s;";

    private readonly string _module;
    private readonly int _workers;
    private readonly string _main;
    private readonly OutriderProcess _process;

    private NginxProcess(string module, int workers, string folder, int port, int port2, string http, string server, string main)
    {
        _main = main;
        _module = module;
        _workers = workers;
        Folder = folder;
        Port = port;
        Http2Port = port2;
        Write(http, server);
        _process = OutriderProcess.StartOther(FactWithAttribute.Find("nginx")!, "-c", ConfigurationFile, "-p", folder, "-e", LogFile);
        Client = new HttpClient(new SocketsHttpHandler { UseProxy = false, MaxConnectionsPerServer = 256, UseCookies = false }) { BaseAddress = new Uri($"http://127.0.0.1:{port}/"), Timeout = TimeSpan.FromSeconds(30) };
    }

    internal int Port { get; }

    /// <summary>The same server for clients that speak HTTP/2 at once.</summary>
    internal int Http2Port { get; }

    internal string Folder { get; }

    internal HttpClient Client { get; }

    internal string ConfigurationFile => Path.Combine(Folder, "nginx.conf");

    internal string LogFile => Path.Combine(Folder, "error.log");

    internal string Log => (File.Exists(LogFile) ? File.ReadAllText(LogFile) : "") + _process.Error;

    internal bool HasExited => _process.HasExited;

    /// <summary>Starts nginx, and waits until it listens and its workers are there.</summary>
    /// <param name="modules">What was built.</param>
    /// <param name="http">Directives of <c>http</c>: modules, upstreams.</param>
    /// <param name="server">Directives of the server: locations.</param>
    /// <param name="workers">Worker processes.</param>
    /// <param name="main">Directives of the whole process.</param>
    internal static async Task<NginxProcess> StartAsync(NginxModule modules, string http, string server, int workers = 1, string main = DefaultMain)
    {
        var nginx = await LaunchAsync(modules, http, server, workers, main);
        await nginx._process.ListensAsync(nginx.Port);
        // The master listens before it has its workers.
        await Eventually.HoldsAsync(() => nginx.HasExited || nginx.Workers().Length == workers);
        return nginx;
    }

    /// <summary>Runs <c>nginx -t</c>. Returns its exit code and what it says.</summary>
    internal static async Task<(int Code, string Said)> TestAsync(NginxModule modules, string http, string server)
    {
        string folder = NewFolder();
        try
        {
            string file = Path.Combine(folder, "nginx.conf");
            File.WriteAllText(file, Text(await modules.BuiltAsync(), 1, folder, FreePorts.Next(), FreePorts.Next(), http, server, DefaultMain));
            return await Envoy.EnvoyModules.RunAsync(FactWithAttribute.Find("nginx")!, ["-t", "-c", file, "-p", folder, "-e", "stderr"]);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
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

    internal async Task<string> GetAsync(string path, params (string Name, string Value)[] headers)
    {
        using var response = await SendAsync(path, headers);
        return await response.Content.ReadAsStringAsync();
    }

    /// <summary>Status and body of an answer.</summary>
    internal async Task<(int Status, string Body)> AskAsync(string path, params (string Name, string Value)[] headers)
    {
        using var response = await SendAsync(path, headers);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    /// <summary>The process that serves: the workers' numbers.</summary>
    internal int[] Workers()
    {
        var children = new List<int>();
        foreach (string folder in Directory.GetDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out int id) && IsWorker(id))
            {
                children.Add(id);
            }
        }

        return [.. children];
    }

    /// <summary>Ends a worker as a fault would.</summary>
    internal static void Kill(int process) => Assert.Equal(0, Signal(process, 9));

    /// <summary>Takes another configuration, as <c>nginx -s reload</c> does.</summary>
    internal void Reload(string http, string server)
    {
        Write(http, server);
        Reload();
    }

    internal void Reload() => Assert.Equal(0, Signal(_process.Id, 1));

    /// <summary>Ends it gracefully, and waits.</summary>
    internal async Task<int> StopAsync()
    {
        Assert.Equal(0, Signal(_process.Id, 3));
        return await _process.ExitAsync();
    }

    public void Dispose()
    {
        Client.Dispose();
        _process.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private static async Task<NginxProcess> LaunchAsync(NginxModule modules, string http, string server, int workers, string main)
        => new(await modules.BuiltAsync(), workers, NewFolder(), FreePorts.Next(), FreePorts.Next(), http, server, main);

    private static string NewFolder()
    {
        string folder = Directory.CreateTempSubdirectory("outrider-nginx-").FullName;
        const UnixFileMode Everybody = (UnixFileMode)0x1ff;
        File.SetUnixFileMode(folder, Everybody);
        return folder;
    }

    private static string Text(string module, int workers, string folder, int port, int port2, string http, string server, string main) => $$"""
        load_module {{module}};
        daemon off; worker_processes {{workers}}; pid {{folder}}/nginx.pid; error_log {{folder}}/error.log info; {{main}}
        events { worker_connections 1024; }
        http {
          access_log off; client_max_body_size 10m; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $http_host;
          client_body_temp_path {{folder}}/body; proxy_temp_path {{folder}}/proxy; fastcgi_temp_path {{folder}}/fastcgi; uwsgi_temp_path {{folder}}/uwsgi; scgi_temp_path {{folder}}/scgi;
          {{http}}
          server { listen 127.0.0.1:{{port}}; listen 127.0.0.1:{{port2}} http2; root {{folder}}; {{server}} }
        }
        """;

    private void Write(string http, string server) => File.WriteAllText(ConfigurationFile, Text(_module, _workers, Folder, Port, Http2Port, http, server, _main));

    private bool IsWorker(int id)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{id}/stat");
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] != "Z" && fields[1] == _process.Id.ToString(CultureInfo.InvariantCulture)
                && File.ReadAllText($"/proc/{id}/cmdline").StartsWith("nginx: worker process", StringComparison.Ordinal)
                && !File.ReadAllText($"/proc/{id}/cmdline").Contains("shutting", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            // It has just gone.
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int process, int signal);
}
