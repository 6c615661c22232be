using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Outrider.Plugins.Protocol;

namespace Outrider.Plugins.Sdk.Serving;

/// <summary>The plugin's gRPC server: Kestrel alone, without the host, services and middleware that a web application has.</summary>
internal sealed class PluginServer : IAsyncDisposable
{
    // go-plugin's own range, for a proxy that gives none.
    private const int FirstPort = 10000;
    private const int LastPort = 25000;

    private readonly KestrelServer _server;
    private readonly TimeSpan _stopTimeout;
    private readonly string? _socket;

    private PluginServer(KestrelServer server, Handshake handshake, string? socket, TimeSpan stopTimeout)
    {
        _server = server;
        Handshake = handshake;
        _socket = socket;
        _stopTimeout = stopTimeout;
    }

    /// <summary>Where it listens.</summary>
    internal Handshake Handshake { get; }

    /// <summary>The socket's file; null where it listens on a port.</summary>
    internal string? SocketFile => _socket;

    /// <summary>Listens and serves.</summary>
    /// <exception cref="IOException">It cannot listen.</exception>
    internal static async Task<PluginServer> StartAsync(IPluginService service, PluginServerOptions options, Action stop)
    {
        var application = new GrpcApplication(service, options.MaxMessageSize, stop);
        return options.UseTcp
            ? await StartOnPortAsync(application, options).ConfigureAwait(false)
            : await StartOnSocketAsync(application, options).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        using var timeout = new CancellationTokenSource(_stopTimeout);
        await _server.StopAsync(timeout.Token).ConfigureAwait(false);
        _server.Dispose();
        if (_socket is not null)
        {
            File.Delete(_socket);
        }
    }

    private static async Task<PluginServer> StartOnSocketAsync(GrpcApplication application, PluginServerOptions options)
    {
        string? folder = Environment.GetEnvironmentVariable(PluginEnvironment.SocketFolder);
        string path = Path.Combine(string.IsNullOrEmpty(folder) ? Path.GetTempPath() : folder, "plugin" + Path.GetRandomFileName().Replace(".", "", StringComparison.Ordinal));
        var server = Create(options, kestrel => kestrel.ListenUnixSocket(path, static listen => listen.Protocols = HttpProtocols.Http2));
        await server.StartAsync(application, CancellationToken.None).ConfigureAwait(false);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return new PluginServer(server, new Handshake(new UnixDomainSocketEndPoint(path)), path, options.StopTimeout);
    }

    private static async Task<PluginServer> StartOnPortAsync(GrpcApplication application, PluginServerOptions options)
    {
        int last = Port(PluginEnvironment.MaxPort, LastPort);
        for (int port = Port(PluginEnvironment.MinPort, FirstPort); ; port++)
        {
            var endPoint = new IPEndPoint(IPAddress.Loopback, port);
            var server = Create(options, kestrel => kestrel.Listen(endPoint, static listen => listen.Protocols = HttpProtocols.Http2));
            try
            {
                await server.StartAsync(application, CancellationToken.None).ConfigureAwait(false);
                return new PluginServer(server, new Handshake(endPoint), null, options.StopTimeout);
            }
            catch (IOException) when (port < last)
            {
                server.Dispose();
            }
        }
    }

    private static int Port(string variable, int otherwise)
        => int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out int port) && port is > 0 and <= IPEndPoint.MaxPort ? port : otherwise;

    private static KestrelServer Create(PluginServerOptions options, Action<KestrelServerOptions> listen)
    {
        var kestrel = new KestrelServerOptions { AddServerHeader = false };
        kestrel.Limits.Http2.MaxStreamsPerConnection = options.MaxConcurrentCalls;
        // gRPC's own limit takes the place of Kestrel's, and its deadlines that of minimum rates.
        kestrel.Limits.MaxRequestBodySize = null;
        kestrel.Limits.MinRequestBodyDataRate = null;
        kestrel.Limits.MinResponseDataRate = null;
        kestrel.Limits.KeepAliveTimeout = Timeout.InfiniteTimeSpan;
        listen(kestrel);
        var transport = new SocketTransportOptions
        {
            // One proxy, one connection: a second queue would only be another thread to wake.
            IOQueueCount = 1,
            UnsafePreferInlineScheduling = true,
        };
        return new KestrelServer(Options.Create(kestrel), new SocketTransportFactory(Options.Create(transport), NullLoggerFactory.Instance), NullLoggerFactory.Instance);
    }
}
