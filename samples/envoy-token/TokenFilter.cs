using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Outrider.Filters;

namespace Outrider.Samples.EnvoyToken;

/// <summary>Lets a request pass that carries, in <c>token</c>, the MD5 of its path and the secret, in hexadecimal; answers others with 403.</summary>
[StreamFilter("example-1", JsonContext = typeof(TokenJson))]
public sealed class TokenFilter(TokenConfig config) : StreamFilter
{
    /// <inheritdoc/>
    public override ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
    {
        if (!headers.TryGetValue("token"u8, out var token))
        {
            return Reply(403, "missing token");
        }

        Span<byte> expected = stackalloc byte[32];
        WriteToken(headers.Path, expected);
        return CryptographicOperations.FixedTimeEquals(expected, token) ? FilterAction.Continue : Reply(403, "invalid token");
    }

    /// <summary>The filter keeps nothing of a stream, so it can serve the next one as it is.</summary>
    public override bool TryReset() => true;

    [SuppressMessage("Security", "CA5351", Justification = "The token that the article's clients make. A new design would take an HMAC.")]
    private void WriteToken(ReadOnlySpan<byte> path, Span<byte> token)
    {
        Span<byte> text = path.Length + config.SecretBytes.Length <= 512 ? stackalloc byte[path.Length + config.SecretBytes.Length] : new byte[path.Length + config.SecretBytes.Length];
        path.CopyTo(text);
        config.SecretBytes.CopyTo(text[path.Length..]);
        Span<byte> hash = stackalloc byte[MD5.HashSizeInBytes];
        _ = MD5.HashData(text, hash);
        for (int i = 0; i < hash.Length; i++)
        {
            token[2 * i] = "0123456789abcdef"u8[hash[i] >> 4];
            token[(2 * i) + 1] = "0123456789abcdef"u8[hash[i] & 15];
        }
    }
}
