using System.Numerics;

namespace Outrider.Upstream;

/// <summary>
/// Random numbers of one loop: xoshiro256** (Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2021). Good
/// for spreading load, of no use for secrets. Not thread-safe: each loop has its own.
/// </summary>
internal sealed class LoopRandom
{
    private ulong _s0, _s1, _s2, _s3;

    /// <summary>Seeds the generator; the same seed gives the same numbers.</summary>
    public LoopRandom(ulong seed)
    {
        // The authors' advice: fill the state with SplitMix64, so that neighbouring seeds do not give related numbers.
        _s0 = SplitMix(ref seed);
        _s1 = SplitMix(ref seed);
        _s2 = SplitMix(ref seed);
        _s3 = SplitMix(ref seed);
    }

    /// <summary>A generator for a loop, seeded by the system.</summary>
    public static LoopRandom Create() => new((ulong)Random.Shared.NextInt64(long.MinValue, long.MaxValue));

    /// <summary>Any 64 bits.</summary>
    public ulong NextULong()
    {
        ulong result = BitOperations.RotateLeft(_s1 * 5, 7) * 9;
        ulong t = _s1 << 17;
        _s2 ^= _s0;
        _s3 ^= _s1;
        _s1 ^= _s2;
        _s0 ^= _s3;
        _s2 ^= t;
        _s3 = BitOperations.RotateLeft(_s3, 45);
        return result;
    }

    /// <summary>A number below <paramref name="bound"/>; 0 when that is 0. One multiplication; its bias is below 2⁻³².</summary>
    public uint Next(uint bound) => (uint)Math.BigMul(NextULong(), (ulong)bound, out _);

    /// <summary>A number below <paramref name="bound"/>; 0 when that is 0.</summary>
    public ulong Next(ulong bound) => Math.BigMul(NextULong(), bound, out _);

    private static ulong SplitMix(ref ulong state)
    {
        ulong z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
