using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using ProcessThread = Outrider.Plugins.Processes.Launching.ProcessThread;

namespace Outrider.Developing;

/// <summary>The stock Envoy at hand, as a process of ours.</summary>
internal static partial class EnvoyProgram
{
    /// <summary>Starts it. What it prints goes where ours goes.</summary>
    /// <exception cref="IOException">There is none.</exception>
    internal static async Task<Process> StartAsync(string configuration)
    {
        string program = Environment.GetEnvironmentVariable("ENVOY_BIN") is { Length: > 0 } named ? named : "envoy";
        try
        {
            // Envoy keeps lines of its access log for 10 s otherwise. What it has swapped it says at INFO.
            string[] arguments = ["-c", configuration, "--concurrency", "1", "-l", "warn", "--component-log-level", "dynamic_modules:info", "--file-flush-interval-msec", "100", "--use-dynamic-base-id"];
            // Envoy ends with the thread that started it, and those of the pool do (PR_SET_PDEATHSIG).
            return await ProcessThread.StartAsync(new ProcessStartInfo(program, arguments)).ConfigureAwait(false);
        }
        catch (Win32Exception e)
        {
            throw new IOException($"cannot run {program}: {e.Message} (ENVOY_BIN says where an Envoy is)", e);
        }
    }

    /// <summary>Tells it to end.</summary>
    internal static void End(Process envoy) => _ = Kill(envoy.Id, 15);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
