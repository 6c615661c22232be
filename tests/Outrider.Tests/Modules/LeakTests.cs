using Outrider.Tests.Filters;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Modules;

/// <summary>Whatever clients do, every stream of a module ends, once, and its memory comes back. Alone, for the process's memory is measured.</summary>
[Collection(nameof(AllocationTests))]
public sealed class LeakTests
{
    private const long Most = 4L << 20;

    [CompilerTheory("gcc")]
    [InlineData("headers", "pieces", "upper-response")]
    [InlineData("wait", "upper", "wait-response")]
    [InlineData("wait-stop", "wait-body", "upper-response")]
    [InlineData("callout", "wait-reply", "headers")]
    [InlineData("stream", "headers", "pieces")]
    public async Task Aborting_clients_leave_no_stream_and_no_memory_behind(params string[] filters)
    {
        string module = BuiltModule.C("every", "-DLEAK");
        using var upstream = RawUpstream.Answering(FilterExchange.Response("some words"), remembers: false);
        await using var proxy = await ModuleProxy.StartAsync([upstream.Address], [.. filters.Select(filter => ModuleProxy.Entry(module, filter))], loops: 2);
        _ = await AbortingClients.RunAsync(proxy.Port, AbortingClients.Streams / 6);
        await EndAsync(proxy, module);

        // Pools grow with what is in flight at once, and once only; what streams lose grows each time, a kilobyte of each of a long
        // run by 30 MB. So one round that adds little is enough.
        long grown = await Growth.LeastAsync(4, Most, async () =>
        {
            long before = LiveMemory.Bytes();
            _ = await AbortingClients.RunAsync(proxy.Port, AbortingClients.Streams / 3);
            await EndAsync(proxy, module);
            return LiveMemory.Bytes() - before;
        });

        Assert.InRange(grown, long.MinValue, Most);
    }

    private static async Task EndAsync(TestProxy proxy, string module)
    {
        await Eventually.HoldsAsync(() => proxy.Stats.StreamsActive == 0);
        await Eventually.HoldsAsync(() => BuiltModule.Ask(module, "every_live_filters") == 0);
    }
}
