using System.Net.Security;
using System.Net.Sockets;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Tls;

/// <summary>Upstreams that speak TLS and do what a test tells them to.</summary>
internal static class TlsUpstream
{
    /// <summary>Shakes hands on each connection and hands the stream to the script. What fails ends that connection alone.</summary>
    internal static RawUpstream Start(TestCertificate certificate, Func<SslStream, Socket, Task> script) => new(async (connection, _) =>
    {
        using var loaded = certificate.Load();
        await using var stream = new SslStream(new NetworkStream(connection.Socket), leaveInnerStreamOpen: true);
        try
        {
            await stream.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
            {
                ServerCertificateContext = SslStreamCertificateContext.Create(loaded, [], offline: true),
            });
        }
        catch (System.Security.Authentication.AuthenticationException)
        {
            return;
        }

        await script(stream, connection.Socket);
    });

    /// <summary>A request's head; empty at the end.</summary>
    internal static async Task<string> ReadHeadAsync(SslStream stream)
    {
        string text = "";
        var buffer = new byte[4096];
        while (!text.Contains("\r\n\r\n", StringComparison.Ordinal))
        {
            int count = await stream.ReadAsync(buffer).AsTask().SoonAsync();
            if (count == 0)
            {
                return "";
            }

            text += System.Text.Encoding.Latin1.GetString(buffer, 0, count);
        }

        return text;
    }

    internal static Task SendAsync(this SslStream stream, string text) => stream.WriteAsync(System.Text.Encoding.Latin1.GetBytes(text)).AsTask().SoonAsync();
}
