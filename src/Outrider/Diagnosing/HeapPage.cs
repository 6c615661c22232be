using System.Diagnostics.Tracing;
using Microsoft.Diagnostics.NETCore.Client;
using Outrider.Proxy.Admin;

namespace Outrider.Diagnosing;

/// <summary>
/// <c>/debug/pprof/heap</c>: every object of the managed heap with its type and what it refers to, as the events of one collection (.nettrace), which
/// <c>dotnet-gcdump convert</c> makes a .gcdump of. The process stands still while it is made. Any thread.
/// </summary>
internal sealed class HeapPage : IAdminHandler
{
    // What the runtime calls a snapshot of its heap: GC (0x1), Type (0x80000), GCHeapDump (0x100000), GCHeapCollect (0x800000), GCHeapAndTypeNames (0x1000000).
    private const long HeapSnapshot = 0x1980001;

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_step = TimeSpan.FromMilliseconds(20);

    /// <inheritdoc/>
    public string Path => "/debug/pprof/heap";

    /// <inheritdoc/>
    public string Summary => "the managed heap, object by object (.nettrace; dotnet-gcdump convert makes a .gcdump of it); stops the process for a moment";

    /// <inheritdoc/>
    public bool IsSensitive(AdminRequest request) => true;

    /// <inheritdoc/>
    public async ValueTask<AdminResponse> HandleAsync(AdminRequest request)
    {
        if (request.Method == "HEAD")
        {
            return new AdminResponse(200, RecordingPage.FileType, default);
        }

        // The runtime tells the name of a type once, until whoever listened is gone: a session without anything makes it forget whom it has told.
        EventPipeProvider[] nothing = [new("Microsoft-DotNETCore-SampleProfiler", EventLevel.Informational)];
        if (await RuntimeRecording.MakeAsync(nothing, withMethodNames: false, static () => Task.CompletedTask).ConfigureAwait(false) is null)
        {
            return RecordingPage.Busy;
        }

        int before = GC.CollectionCount(2);
        EventPipeProvider[] heap = [new("Microsoft-Windows-DotNETRuntime", EventLevel.Verbose, HeapSnapshot)];
        return await RuntimeRecording.MakeAsync(heap, withMethodNames: false, () => CollectionAsync(before)).ConfigureAwait(false) is { } file
            ? new AdminResponse(200, RecordingPage.FileType, file) { FileName = $"outrider-{Environment.ProcessId}-heap.nettrace" }
            : RecordingPage.Busy;
    }

    // Nobody runs while the runtime writes the heap down: whoever sees that it has collected, sees it when that is done.
    private static async Task CollectionAsync(int before)
    {
        long end = Environment.TickCount64 + (long)s_patience.TotalMilliseconds;
        while (GC.CollectionCount(2) == before)
        {
            if (Environment.TickCount64 > end)
            {
                throw new TimeoutException("it did not collect its heap within a minute");
            }

            await Task.Delay(s_step).ConfigureAwait(false);
        }
    }
}
