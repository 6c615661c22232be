using System.Diagnostics.Tracing;
using Microsoft.Diagnostics.NETCore.Client;
using Outrider.Proxy.Admin;

namespace Outrider.Diagnosing;

/// <summary>What <c>pprof</c> shows of the process, at the paths that Go's has for the like.</summary>
internal static class DebugPages
{
    private const string Runtime = "Microsoft-Windows-DotNETRuntime";

    // The runtime's keywords: GC, loader, JIT, exceptions, contention, threading.
    private const long UsualEvents = 0x1 | 0x8 | 0x10 | 0x8000 | 0x4000 | 0x10000;

    /// <summary>The pages.</summary>
    internal static IReadOnlyList<IAdminHandler> All { get; } =
    [
        new RecordingPage(
            "/debug/pprof/profile",
            "where the threads are, a thousand times a second: a CPU sample",
            30,
            new EventPipeProvider("Microsoft-DotNETCore-SampleProfiler", EventLevel.Informational),
            new EventPipeProvider(Runtime, EventLevel.Informational, UsualEvents)),
        new RecordingPage(
            "/debug/pprof/trace",
            "what the runtime does: collections, compiling, exceptions, locks, threads",
            1,
            new EventPipeProvider(Runtime, EventLevel.Informational, UsualEvents)),
        new HeapPage(),
        new CommandLinePage(),
    ];
}
