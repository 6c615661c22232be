using System.IO.Compression;
using System.Net.Http;
using System.Security.Cryptography;

namespace Outrider.Starting;

/// <summary>
/// First uses (<see cref="FirstUses"/>) of what the proxy itself never wants, but the libraries that extensions refer to do:
/// each only where one of them refers to it, as it takes memory.
/// </summary>
internal static class ExtensionUses
{
    private static readonly (string Library, Func<Task> Use)[] s_uses =
    [
        ("System.Security.Cryptography", static () => Now(Cryptography)),
        ("System.IO.Compression", static () => Now(Compress)),
        ("System.Net.Http", HttpAsync),
    ];

    private static readonly HashSet<string> s_done = new(StringComparer.Ordinal);

    /// <summary>Does those that were not done yet. One caller at a time.</summary>
    /// <param name="libraries">The names of all assemblies that extensions refer to.</param>
    internal static async Task DoAsync(IReadOnlySet<string> libraries)
    {
        foreach (var (library, use) in s_uses)
        {
            if (libraries.Contains(library) && s_done.Add(library))
            {
                await FirstUses.AttemptAsync(use).ConfigureAwait(false);
            }
        }
    }

    private static Task Now(Action use)
    {
        use();
        return Task.CompletedTask;
    }

    private static void Cryptography()
    {
        byte[] data = RandomNumberGenerator.GetBytes(32);
        _ = HMACSHA256.HashData(data, data);
        using var aes = Aes.Create();
        _ = aes.EncryptCbc(data, aes.IV);
        using var rsa = RSA.Create();
    }

    private static void Compress()
    {
        byte[] data = new byte[4096];
        foreach (var (pack, unpack) in new (Func<Stream, Stream>, Func<Stream, Stream>)[]
        {
            (static s => new GZipStream(s, CompressionMode.Compress, leaveOpen: true), static s => new GZipStream(s, CompressionMode.Decompress)),
            (static s => new BrotliStream(s, CompressionMode.Compress, leaveOpen: true), static s => new BrotliStream(s, CompressionMode.Decompress)),
        })
        {
            using var packed = new MemoryStream();
            using (var stream = pack(packed))
            {
                stream.Write(data);
            }

            packed.Position = 0;
            using var back = unpack(packed);
            back.ReadExactly(data);
        }
    }

    // A request over TLS, which nobody answers: all that it takes is there by then.
    private static async Task HttpAsync()
    {
        using var nobody = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        nobody.Start();
        using var client = new HttpClient();
        var request = client.GetAsync(new Uri($"https://{nobody.LocalEndpoint}/"));
        using (var accepted = await nobody.AcceptSocketAsync().ConfigureAwait(false))
        {
            // The greeting of a client; what it gets for it is no TLS.
            byte[] greeting = new byte[16];
            _ = await accepted.ReceiveAsync(greeting).ConfigureAwait(false);
            _ = await accepted.SendAsync("HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray()).ConfigureAwait(false);
        }

        using var answer = await request.ConfigureAwait(false);
    }
}
