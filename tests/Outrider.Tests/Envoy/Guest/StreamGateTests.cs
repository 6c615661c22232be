extern alias guest;

using guest::Outrider.Envoy.Streams;

namespace Outrider.Tests.Envoy.Guest;

/// <summary>The end of a stream passes by a lock that nobody has used, and by no other.</summary>
public sealed class StreamGateTests
{
    [Fact]
    public void It_is_used_once_somebody_has_come_by()
    {
        var gate = new StreamGate();
        Assert.False(gate.IsUsed);

        using (gate.Enter())
        {
        }

        Assert.True(gate.IsUsed);
    }

    [Fact]
    public void Who_comes_and_the_end_never_both_miss_the_other()
    {
        const int Rounds = 20_000;
        var gates = new StreamGate[Rounds];
        bool[] isOver = new bool[Rounds];
        bool[] wasSeen = new bool[Rounds];
        bool[] sawEnd = new bool[Rounds];
        for (int i = 0; i < Rounds; i++)
        {
            gates[i] = new StreamGate();
        }

        using var start = new Barrier(2);
        var other = new Thread(() =>
        {
            for (int i = 0; i < Rounds; i++)
            {
                Meet(start, i);
                using (gates[i].Enter())
                {
                    sawEnd[i] = Volatile.Read(ref isOver[i]);
                }
            }
        });
        other.Start();
        for (int i = 0; i < Rounds; i++)
        {
            Meet(start, i);
            Volatile.Write(ref isOver[i], true);
            wasSeen[i] = gates[i].IsUsed;
        }

        other.Join();
        Assert.DoesNotContain(true, Enumerable.Range(0, Rounds).Select(i => !wasSeen[i] && !sawEnd[i]));
    }

    // Both run through a stretch of rounds at once.
    private static void Meet(Barrier start, int round)
    {
        if (round % 100 == 0)
        {
            start.SignalAndWait();
        }
    }
}
