namespace Outrider.Filters.Testing;

/// <summary>What is kept of one stream for the test. On the host's loop.</summary>
internal sealed class TestRecord(TestRequest request)
{
    private readonly List<TestCall> _calls = [];

    internal TestRequest? Upstream { get; set; }

    internal string? Details { get; set; }

    internal List<string> CustomFlags { get; } = [];

    internal List<TestRequest> Callouts { get; } = [];

    internal IEnumerable<TestCall> OpenCalls => _calls.Where(call => call.Action is null && call.Failure is null);

    internal TestCall Add(TestCall call)
    {
        _calls.Add(call);
        return call;
    }

    internal TestExchange Close(StreamRun run, bool isCut, TestContext context) => new()
    {
        Id = run.Id,
        Request = request,
        Response = run.Response.Gather(),
        IsCut = isCut,
        Upstream = Upstream,
        Calls = [.. _calls],
        Callouts = [.. Callouts],
        Flags = run.Flags,
        CustomFlags = [.. CustomFlags],
        IsLocalReply = run.IsLocal,
        Details = Details,
        Route = run.Route.Current?.Info,
        ClusterName = run.Route.ClusterName,
        WantedHost = context.WantedHost,
        Metadata = context.Values.Copy(),
        Variables = new Dictionary<string, object>(context.Variables, StringComparer.Ordinal),
        FilterState = new Dictionary<string, byte[]>(context.FilterState, StringComparer.Ordinal),
        Log = [.. run.Host.Log.Where(line => line.Stream == run.Id)],
    };
}
