using System.Text.Json;
using Google.Protobuf;
using Outrider.Plugins.Protocol;
using Outrider.Plugins.Sdk;

namespace Outrider.Samples.CertLoader;

/// <summary>
/// Stands for a program that keeps keys safer than files do. It reads the folder for each call, so a certificate that is
/// renewed there is what the proxy gets when it asks next.
/// </summary>
internal sealed class Loader(string folder) : IPluginService
{
    public async ValueTask<Response> CallAsync(Request request, CancellationToken cancellationToken)
    {
        var certificate = new Certificate(
            await ReadAsync("cert.pem", cancellationToken),
            await ReadAsync("key.pem", cancellationToken),
            await ReadAsync("ca.pem", cancellationToken));
        return new Response { Body = ByteString.CopyFrom(JsonSerializer.SerializeToUtf8Bytes(certificate, CertificateJson.Default.Certificate)) };
    }

    private Task<string> ReadAsync(string file, CancellationToken cancellationToken) => File.ReadAllTextAsync(Path.Combine(folder, file), cancellationToken);
}
