extern alias guest;

using System.Runtime.CompilerServices;
using guest::Outrider.Envoy.Links;

namespace Outrider.Tests.Envoy.Guest;

/// <summary>What Envoy holds of a stream.</summary>
public sealed unsafe class StreamCellTests
{
    [Fact]
    public void It_leads_to_its_object_and_keeps_it_until_it_is_freed()
    {
        var cell = Make(out var weak);
        Collect();
        Assert.True(LeadsTo(cell, weak));

        StreamCell.Free(cell);
        Collect();
        Assert.False(weak.IsAlive);
    }

    [Fact]
    public void Another_cell_leads_to_its_object_while_it_has_been_lent_to_it()
    {
        var cell = Make(out var weak);
        var other = new StreamCell { Skips = HookSkips.Complete };

        cell->Lend(&other);

        Assert.Same(weak.Target, other.Target);
        Assert.Equal(HookSkips.Complete, other.Skips);
        StreamCell.Free(cell);
    }

    [Fact]
    public void The_end_of_a_response_that_nobody_needs_to_see_is_remembered()
    {
        var cell = new StreamCell();
        cell.Begin(HookSkips.Complete);
        Assert.False(cell.PassesResponse(endStream: true));
        Assert.False(cell.IsResponseOver);

        cell.Skips |= HookSkips.ResponseRest;
        Assert.True(cell.PassesResponse(endStream: false));
        Assert.False(cell.IsResponseOver);
        Assert.True(cell.PassesResponse(endStream: true));
        Assert.True(cell.IsResponseOver);
        Assert.Equal(HookSkips.Complete | HookSkips.ResponseRest, cell.Skips);

        cell.Begin(HookSkips.None);
        Assert.False(cell.IsResponseOver);
        Assert.Equal(HookSkips.None, cell.Skips);
    }

    [Fact]
    public void The_part_in_C_knows_it_as_it_is()
    {
        // stream_t in native/outrider_module.c: a pointer, and two bytes behind it.
        var cell = new StreamCell { Skips = HookSkips.ResponseRest };
        byte* bytes = (byte*)&cell;
        Assert.Equal(2, bytes[sizeof(nint)]);
        _ = cell.PassesResponse(endStream: true);
        Assert.Equal(1, bytes[sizeof(nint) + 1]);
        Assert.Equal([1, 2, 4], [(int)HookSkips.RequestRest, (int)HookSkips.ResponseRest, (int)HookSkips.Complete]);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static StreamCell* Make(out WeakReference weak)
    {
        object target = new();
        weak = new WeakReference(target);
        return StreamCell.New(target);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool LeadsTo(StreamCell* cell, WeakReference weak) => cell->Target == weak.Target;

    private static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
    }
}
