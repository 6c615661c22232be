using Outrider.Tests.Harness;
using Outrider.Upstream;
using static Outrider.Tests.Upstream.HostFixture;

namespace Outrider.Tests.Upstream;

public class ClusterHandlesTests
{
    private readonly ClusterSet _set = ClusterSet.Build([Cluster("one"), Cluster("zwölf")], null, 2);
    private readonly ClusterHandles _handles = new(2);

    [Fact]
    public void A_name_has_one_handle_whatever_stands_under_it()
    {
        var handle = _handles.Get("zwölf");

        Assert.Same(handle, _handles.Get("zwölf"));
        Assert.Same(handle, _handles.Find("zwölf"u8));
        Assert.Null(_handles.Find("ZWÖLF"u8));
        Assert.Null(handle.On(0));

        handle.Set(0, _set.Find("zwölf")!);
        Assert.Same(_set.Find("zwölf"), new LoopClusters(_handles, 0).Find("zwölf"));
    }

    [Fact]
    public void Each_loop_has_the_cluster_that_it_was_given_and_no_other()
    {
        var handle = _handles.Get("one");
        handle.Set(1, _set.Find("one")!);

        Assert.Null(new LoopClusters(_handles, 0).Find("one"));
        Assert.Same(_set.Find("one"), new LoopClusters(_handles, 1).Find("one"));
    }

    [Fact]
    public void Who_holds_the_handle_of_a_cluster_that_is_gone_still_reaches_it_and_nobody_else_does()
    {
        var handle = _handles.Get("one");
        handle.Set(0, _set.Find("one")!);

        _handles.Keep(["zwölf"]);

        Assert.Null(_handles.Find("one"u8));
        Assert.Same(_set.Find("one"), handle.On(0));
        Assert.NotSame(handle, _handles.Get("one"));
    }

    [Fact]
    public void Finding_allocates_nothing()
    {
        _handles.Get("one").Set(0, _set.Find("one")!);
        Allocation.AssertNone(() => _ = new LoopClusters(_handles, 0).Find("one"u8));
    }
}
