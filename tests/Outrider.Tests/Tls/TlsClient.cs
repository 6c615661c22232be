using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Tls;

/// <summary>A client that speaks TLS, with .NET's own stream.</summary>
internal sealed class TlsClient : IAsyncDisposable
{
#pragma warning disable CA5359 // What the proxy's certificate is worth is for curl and openssl to say.
    internal static readonly RemoteCertificateValidationCallback Anybody = (_, _, _, _) => true;
#pragma warning restore CA5359

    private TlsClient(Socket socket, SslStream stream)
    {
        Socket = socket;
        Stream = stream;
    }

    internal Socket Socket { get; }

    internal SslStream Stream { get; }

    /// <summary>Connects and shakes hands. Trusts anybody unless told otherwise.</summary>
    internal static async Task<TlsClient> ConnectAsync(
        int port, string name = "localhost", TestCertificate? certificate = null, SslProtocols versions = SslProtocols.None, int receiveBuffer = 0)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (receiveBuffer > 0)
        {
            socket.ReceiveBufferSize = receiveBuffer;
        }

        await socket.ConnectAsync(IPAddress.Loopback, port);
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        try
        {
            await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = name,
                EnabledSslProtocols = versions,
                RemoteCertificateValidationCallback = Anybody,
                ClientCertificateContext = certificate is null ? null : SslStreamCertificateContext.Create(certificate.Load(), [], offline: true),
            }).SoonAsync();
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }

        return new TlsClient(socket, stream);
    }

    /// <summary>The subject of the certificate that the proxy shows for a name.</summary>
    internal static async Task<string> SubjectAsync(int port, string name)
    {
        await using var client = await ConnectAsync(port, name);
        return client.Stream.RemoteCertificate!.Subject;
    }

    /// <summary>One request on a connection of its own.</summary>
    internal static async Task<string> GetAsync(int port, string name = "localhost", TestCertificate? certificate = null)
    {
        await using var client = await ConnectAsync(port, name, certificate);
        await client.SendAsync($"GET / HTTP/1.1\r\nhost: {name}\r\nconnection: close\r\n\r\n");
        return await client.ReadToEndAsync();
    }

    internal Task SendAsync(string text) => Stream.WriteAsync(Encoding.Latin1.GetBytes(text)).AsTask().SoonAsync();

    internal async Task<string> ReadToEndAsync() => Encoding.Latin1.GetString(await ReadAsync(int.MaxValue));

    /// <summary>A whole response whose head has a length.</summary>
    internal async Task<string> ReadResponseAsync()
    {
        var text = new StringBuilder();
        var buffer = new byte[16 * 1024];
        while (true)
        {
            string all = text.ToString();
            int end = all.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (end >= 0 && all.Length >= end + 4 + int.Parse(WireReader.Field(all, "content-length") ?? "0", System.Globalization.CultureInfo.InvariantCulture))
            {
                return all;
            }

            int count = await Stream.ReadAsync(buffer).AsTask().SoonAsync();
            if (count == 0)
            {
                return all;
            }

            text.Append(Encoding.Latin1.GetString(buffer, 0, count));
        }
    }

    /// <summary>So many bytes, or fewer at the end.</summary>
    internal async Task<byte[]> ReadAsync(int most)
    {
        var all = new MemoryStream();
        var buffer = new byte[64 * 1024];
        while (all.Length < most)
        {
            int count = await Stream.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, most - all.Length))).AsTask().SoonAsync();
            if (count == 0)
            {
                break;
            }

            all.Write(buffer, 0, count);
        }

        return all.ToArray();
    }

    public ValueTask DisposeAsync() => Stream.DisposeAsync();
}
