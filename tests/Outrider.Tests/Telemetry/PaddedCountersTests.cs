using System.Reflection;
using System.Runtime.CompilerServices;
using Outrider.Proxy.Telemetry;
using Outrider.Telemetry;
using Outrider.Upstream;

namespace Outrider.Tests.Telemetry;

public sealed class PaddedCountersTests
{
    /// <summary>Any object, for where its fields begin.</summary>
    private sealed class AnyObject
    {
        public byte First;
    }

    [Fact]
    public void Counters_of_a_loop_have_a_cache_line_between_them_and_their_neighbours()
    {
        var stats = new LoopStats(new PendingConnects());
        ref byte start = ref Unsafe.As<AnyObject>(stats).First;
        nint end = Unsafe.ByteOffset(ref start, ref Unsafe.As<CacheLinePad, byte>(ref After(stats)));
        nint[] counters = [Offset(ref start, ref stats.ConnectionsAccepted), Offset(ref start, ref stats.StreamsActive), Offset(ref start, ref stats.UpstreamTimeouts), Offset(ref start, ref stats.Responses.ServerErrors), Offset(ref start, ref stats.Handshakes.Unused)];
        Assert.All(counters, offset => Assert.InRange(offset, 128, end - sizeof(long)));
        Assert.Equal(128, Unsafe.SizeOf<CacheLinePad>());
    }

    [Fact]
    public void Every_kind_of_counters_is_padded_at_both_ends()
    {
        Type[] kinds = [.. new[] { typeof(PaddedCounters), typeof(UpstreamLoopStats), typeof(LoopStats) }.SelectMany(type => type.Assembly.GetTypes()).Where(type => type.IsSubclassOf(typeof(PaddedCounters)) && !type.IsAbstract)];
        Assert.Equal(4, kinds.Length);
        Assert.All(kinds, kind => Assert.NotNull(kind.GetField("_after", BindingFlags.NonPublic | BindingFlags.Instance)));
    }

    private static nint Offset(ref byte start, ref long field) => Unsafe.ByteOffset(ref start, ref Unsafe.As<long, byte>(ref field));

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_after")]
    private static extern ref CacheLinePad After(LoopStats stats);
}
