using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;

namespace Outrider.Proxy.Routing;

/// <summary>Lets a table of host names be asked with the bytes of a request, whatever the case of their letters.</summary>
internal sealed class HostNameComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
{
    /// <summary>The one there needs to be.</summary>
    public static readonly HostNameComparer Instance = new();

    // The bit that tells a letter's cases apart. Setting it in other bytes as well makes no equal names unequal.
    private const ulong CaseBits = 0x2020202020202020;

    // 2⁶⁴ over the golden ratio, odd: spreads what it multiplies over the high bits (Knuth, TAOCP 3, §6.4).
    private const ulong Spread = 0x9E3779B97F4A7C15;

    /// <summary>Are these the same but for the case of ASCII letters?</summary>
    public static bool AreEqual(ReadOnlySpan<byte> x, ReadOnlySpan<byte> y)
        => x.Length == y.Length && (x.SequenceEqual(y) || Ascii.EqualsIgnoreCase(x, y));

    /// <inheritdoc/>
    public bool Equals(byte[]? x, byte[]? y) => AreEqual(x, y);

    /// <inheritdoc/>
    public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => AreEqual(alternate, other);

    /// <inheritdoc/>
    public int GetHashCode(byte[] obj) => GetHashCode(obj.AsSpan());

    /// <inheritdoc/>
    public int GetHashCode(ReadOnlySpan<byte> alternate)
    {
        // Keys come from the configuration alone, so a client that finds collisions gains nothing, and the hash may be a fast one.
        ulong hash = (ulong)alternate.Length;
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(alternate);
        foreach (ulong word in words)
        {
            hash = (BitOperations.RotateLeft(hash, 5) ^ (word | CaseBits)) * Spread;
        }

        ulong tail = 0;
        foreach (byte b in alternate[(words.Length * sizeof(ulong))..])
        {
            tail = (tail << 8) | b;
        }

        hash = (BitOperations.RotateLeft(hash, 5) ^ (tail | CaseBits)) * Spread;
        return (int)(hash >> 32);
    }

    /// <inheritdoc/>
    public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
}
