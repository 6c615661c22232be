using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Outrider.Tests.CommandLine;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Tls;

/// <summary>Debian's nginx with one HTTPS server, on a port that was free a moment ago.</summary>
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
    /// <param name="lab">Where its files go.</param>
    /// <param name="name">NAME.pem and NAME.key are its certificate and key.</param>
    /// <param name="more">More directives for the server.</param>
    internal static async Task<NginxServer> StartAsync(TlsLab lab, string name, string more)
    {
        for (int attempt = 0; ; attempt++)
        {
            int port = FreePort();
            string configuration = lab.Write($"nginx-{port}.conf", $$"""
                daemon off; master_process off; pid {{lab.Path($"nginx-{port}.pid")}}; error_log {{lab.Path($"nginx-{port}.log")}};
                events { worker_connections 256; }
                http {
                  access_log off; client_body_temp_path {{lab.Path("body")}}; proxy_temp_path {{lab.Path("proxy")}}; fastcgi_temp_path {{lab.Path("fastcgi")}}; uwsgi_temp_path {{lab.Path("uwsgi")}}; scgi_temp_path {{lab.Path("scgi")}};
                  server { listen 127.0.0.1:{{port}} ssl; ssl_certificate {{lab.Path($"{name}.pem")}}; ssl_certificate_key {{lab.Path($"{name}.key")}}; ssl_protocols TLSv1.2 TLSv1.3; {{more}} }
                }
                """);
            var start = new ProcessStartInfo(FactWithAttribute.Find("nginx")!, ["-c", configuration, "-p", lab.Path(""), "-e", lab.Path($"nginx-{port}.log")])
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
