using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Outrider.Starting;

/// <summary>
/// A TLS handshake of this process with itself, over loopback: OpenSSL and its configuration, the reading of keys and certificates, the
/// system's authorities, against which the certificate is verified (in vain), and .NET's sockets with their thread.
/// </summary>
internal static class OwnHandshake
{
    // All of it is this process and takes a fraction of a second, but on a machine that is busy with something else.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    internal static async Task RunAsync()
    {
        using var patience = new CancellationTokenSource(s_patience);
        using var certificate = Certificate();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = new TcpClient();
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint, patience.Token).ConfigureAwait(false);
        using var accepted = await listener.AcceptTcpClientAsync(patience.Token).ConfigureAwait(false);
        using var near = new SslStream(client.GetStream());
        using var far = new SslStream(accepted.GetStream());
        // The certificate was made a moment ago, for this handshake with ourselves.
#pragma warning disable CA5359
        await Task.WhenAll(
            near.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "outrider", RemoteCertificateValidationCallback = static (_, _, _, _) => true }, patience.Token),
            far.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificateContext = SslStreamCertificateContext.Create(certificate, null) }, patience.Token)).ConfigureAwait(false);
#pragma warning restore CA5359
        await near.WriteAsync("x"u8.ToArray(), patience.Token).ConfigureAwait(false);
        _ = await far.ReadAsync(new byte[1], patience.Token).ConfigureAwait(false);
    }

    private static X509Certificate2 Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var made = new CertificateRequest("CN=outrider", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509Certificate2.CreateFromPem(made.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }
}
