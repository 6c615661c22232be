using System.Security.Cryptography;
using System.Text;

namespace Outrider.StockFilters.Auth;

/// <summary>A password as files of <c>htpasswd</c> keep it: <c>{SHA}</c>, <c>{SSHA}</c> (RFC 2307) and <c>$apr1$</c>. Any thread.</summary>
internal sealed class PasswordHash
{
    private const string CryptDigits = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    private readonly Func<byte[], bool> _holds;

    private PasswordHash(Func<byte[], bool> holds) => _holds = holds;

    /// <summary>Reads one; null when it is none of those.</summary>
    internal static PasswordHash? Read(string text)
    {
        if (text.StartsWith("{SHA}", StringComparison.Ordinal))
        {
            return FromBase64(text[5..]) is { Length: SHA1.HashSizeInBytes } hash ? new(password => Equal(Sha1(password), hash)) : null;
        }

        if (text.StartsWith("{SSHA}", StringComparison.Ordinal))
        {
            return FromBase64(text[6..]) is { Length: > SHA1.HashSizeInBytes } salted
                ? new(password => Equal(Sha1([.. password, .. salted.AsSpan(SHA1.HashSizeInBytes)]), salted.AsSpan(0, SHA1.HashSizeInBytes)))
                : null;
        }

        return text.Split('$') is ["", "apr1", { Length: > 0 and <= 8 } salt, { Length: 22 } digest]
            ? new(password => Equal(Encoding.ASCII.GetBytes(Apr1(password, Encoding.ASCII.GetBytes(salt))), Encoding.ASCII.GetBytes(digest)))
            : null;
    }

    /// <summary>Is this the password? Takes as long whether it is or not.</summary>
    internal bool Holds(byte[] password) => _holds(password);

    private static bool Equal(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other) => CryptographicOperations.FixedTimeEquals(one, other);

#pragma warning disable CA5350, CA5351 // SHA-1 and MD5 are what these files hold; Apache's htpasswd writes them.
    private static byte[] Sha1(byte[] bytes) => SHA1.HashData(bytes);

    // Apache's apr_md5_encode: a thousand rounds of MD5 over password, salt and the round before.
    private static string Apr1(byte[] password, byte[] salt)
    {
        byte[] mixed = MD5.HashData([.. password, .. salt, .. password]);
        using var md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        md5.AppendData(password);
        md5.AppendData("$apr1$"u8);
        md5.AppendData(salt);
        for (int left = password.Length; left > 0; left -= 16)
        {
            md5.AppendData(mixed, 0, Math.Min(16, left));
        }

        for (int bits = password.Length; bits > 0; bits >>= 1)
        {
            md5.AppendData((bits & 1) != 0 ? [0] : password.AsSpan(0, 1));
        }

        byte[] hash = md5.GetHashAndReset();
        for (int round = 0; round < 1000; round++)
        {
            md5.AppendData((round & 1) != 0 ? password : hash);
            if (round % 3 != 0)
            {
                md5.AppendData(salt);
            }

            if (round % 7 != 0)
            {
                md5.AppendData(password);
            }

            md5.AppendData((round & 1) != 0 ? hash : password);
            hash = md5.GetHashAndReset();
        }

        var text = new StringBuilder(22);
        for (int i = 0; i < 5; i++)
        {
            AppendDigits(text, hash[i] << 16 | hash[i + 6] << 8 | hash[i == 4 ? 5 : i + 12], 4);
        }

        AppendDigits(text, hash[11], 2);
        return text.ToString();
    }
#pragma warning restore CA5350, CA5351

    private static void AppendDigits(StringBuilder text, int value, int count)
    {
        for (; count > 0; count--, value >>= 6)
        {
            _ = text.Append(CryptDigits[value & 0x3F]);
        }
    }

    private static byte[]? FromBase64(string text)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out int length) ? bytes[..length] : null;
    }
}
