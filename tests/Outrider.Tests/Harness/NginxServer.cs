using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Outrider.Tests.CommandLine;

namespace Outrider.Tests.Harness;

/// <summary>Debian's nginx with one server, on a port that was free a moment ago.</summary>
internal sealed class NginxServer : IDisposable
{
    private readonly Process _process;

    private NginxServer(Process process, int port)
    {
        _process = process;
        Port = port;
    }

    internal int Port { get; }

    internal string Address => $"127.0.0.1:{Port}";

    /// <summary>Starts it.</summary>
    /// <param name="folder">Where its files go; its root.</param>
    /// <param name="listen">What stands behind the address: <c>ssl</c>, <c>http2</c>.</param>
    /// <param name="server">The server's directives.</param>
    internal static async Task<NginxServer> StartAsync(string folder, string listen, string server)
    {
        for (int attempt = 0; ; attempt++)
        {
            int port = FreePort();
            string configuration = Path.Combine(folder, $"nginx-{port}.conf"), log = Path.Combine(folder, $"nginx-{port}.log");
            await File.WriteAllTextAsync(configuration, $$"""
                daemon off; master_process off; pid {{folder}}/nginx-{{port}}.pid; error_log {{log}};
                events { worker_connections 256; }
                http {
                  access_log off; client_body_temp_path {{folder}}/body; proxy_temp_path {{folder}}/proxy; fastcgi_temp_path {{folder}}/fastcgi; uwsgi_temp_path {{folder}}/uwsgi; scgi_temp_path {{folder}}/scgi;
                  server { listen 127.0.0.1:{{port}} {{listen}}; root {{folder}}; {{server}} }
                }
                """);
            var start = new ProcessStartInfo(FactWithAttribute.Find("nginx")!, ["-c", configuration, "-p", folder, "-e", log])
            {
                RedirectStandardError = true,
                RedirectStandardOutput = true,
            };
            var process = Process.Start(start)!;
            if (await ListensAsync(process, port))
            {
                return new NginxServer(process, port);
            }

            string error = process.HasExited ? await process.StandardError.ReadToEndAsync() : "it does not listen";
            process.Dispose();
            Assert.True(attempt < 5, "nginx does not start: " + error);
        }
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private static async Task<bool> ListensAsync(Process process, int port)
    {
        long end = Environment.TickCount64 + (long)Eventually.Patience.TotalMilliseconds;
        while (!process.HasExited && Environment.TickCount64 < end)
        {
            try
            {
                using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(IPAddress.Loopback, port);
                return true;
            }
            catch (SocketException)
            {
                await Task.Delay(20);
            }
        }

        return false;
    }
}
