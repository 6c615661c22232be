using System.Diagnostics;
using System.Text.Json;
using Outrider.Proxy.Telemetry;
using Outrider.Telemetry;

namespace Outrider.Proxy.Admin.Handlers;

/// <summary><c>/debug/pprof/counters</c>: what the .NET runtime counts of this process: heap by generation, collections and pauses, threads, compiled methods. Any thread.</summary>
internal sealed class CountersHandler : IAdminHandler
{
    // GCMemoryInfo.GenerationInfo has them in this order.
    private static readonly string[] s_generations = ["gen0", "gen1", "gen2", "loh", "poh"];

    /// <inheritdoc/>
    public string Path => "/debug/pprof/counters";

    /// <inheritdoc/>
    public string Summary => "the runtime's counters as JSON";

    /// <inheritdoc/>
    public ValueTask<AdminResponse> HandleAsync(AdminRequest request) => new(AdminResponse.Json(Write));

    private static void Write(Utf8JsonWriter writer)
    {
        var now = RuntimeMetrics.Read();
        var memory = GC.GetGCMemoryInfo(GCKind.Any);
        writer.WriteStartObject();
        writer.WriteString("runtime", System.Runtime.InteropServices.RuntimeInformation.FrameworkDescription);
        writer.WriteNumber("pid", Environment.ProcessId);
        writer.WriteNumber("processors", Environment.ProcessorCount);
        writer.WriteNumber("uptime_seconds", Math.Round(now.Uptime.TotalSeconds, 3));
        writer.WriteNumber("cpu_user_seconds", Environment.CpuUsage.UserTime.TotalSeconds);
        writer.WriteNumber("cpu_system_seconds", Environment.CpuUsage.PrivilegedTime.TotalSeconds);
        writer.WriteNumber("resident_bytes", now.ResidentBytes);
        writer.WriteNumber("open_fds", now.OpenFileDescriptors);
        WriteHeap(writer, now, memory);
        WriteThreads(writer);
        writer.WriteNumber("assemblies", AppDomain.CurrentDomain.GetAssemblies().Length);
        writer.WriteNumber("compiled_methods", System.Runtime.JitInfo.GetCompiledMethodCount());
        writer.WriteNumber("compiled_il_bytes", System.Runtime.JitInfo.GetCompiledILBytes());
        writer.WriteNumber("compile_seconds", Math.Round(System.Runtime.JitInfo.GetCompilationTime().TotalSeconds, 3));
        writer.WriteNumber("timers_active", Timer.ActiveCount);
        writer.WriteEndObject();
    }

    private static void WriteHeap(Utf8JsonWriter writer, RuntimeMetrics now, GCMemoryInfo memory)
    {
        writer.WriteStartObject("heap");
        writer.WriteNumber("bytes", now.HeapBytes);
        writer.WriteNumber("allocated_bytes_total", now.AllocatedBytes);
        writer.WriteNumber("committed_bytes", memory.TotalCommittedBytes);
        writer.WriteNumber("fragmented_bytes", memory.FragmentedBytes);
        writer.WriteNumber("pinned_objects", memory.PinnedObjectsCount);
        writer.WriteNumber("finalization_pending", memory.FinalizationPendingCount);
        writer.WriteNumber("pause_seconds_total", Math.Round(GC.GetTotalPauseDuration().TotalSeconds, 6));
        writer.WriteNumber("pause_percent", memory.PauseTimePercentage);
        writer.WriteStartArray("collections");
        foreach (int count in now.Collections)
        {
            writer.WriteNumberValue(count);
        }

        writer.WriteEndArray();
        writer.WriteStartObject("generations");
        for (int i = 0; i < Math.Min(s_generations.Length, memory.GenerationInfo.Length); i++)
        {
            writer.WriteStartObject(s_generations[i]);
            writer.WriteNumber("bytes", memory.GenerationInfo[i].SizeAfterBytes);
            writer.WriteNumber("fragmented_bytes", memory.GenerationInfo[i].FragmentationAfterBytes);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteThreads(Utf8JsonWriter writer)
    {
        using var process = Process.GetCurrentProcess();
        writer.WriteStartObject("threads");
        writer.WriteNumber("all", process.Threads.Count);
        writer.WriteNumber("pool", ThreadPool.ThreadCount);
        writer.WriteNumber("pool_queue", ThreadPool.PendingWorkItemCount);
        writer.WriteNumber("pool_completed_total", ThreadPool.CompletedWorkItemCount);
        writer.WriteNumber("lock_contentions_total", Monitor.LockContentionCount);
        writer.WriteEndObject();
    }
}
