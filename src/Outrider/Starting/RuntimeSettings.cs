using System.Runtime.InteropServices;

namespace Outrider.Starting;

/// <summary>
/// What the .NET runtime, and the C library below it, take from their environment alone, before any code of ours runs. Where it is not
/// there the process begins again, as itself (execve(2)): the same id, arguments and files, with the environment that it wants. That
/// takes the time in which the runtime starts, some 60 ms.
/// </summary>
internal static unsafe partial class RuntimeSettings
{
    // Numbers of the runtime's are hexadecimal.
    private static readonly (string Name, string Value)[] s_settings =
    [
        // The thread that compiles methods again would end after four seconds without work, and be made anew for the next method
        // that is called for the first time: at a moment when there is no descriptor for it, that call ends the process.
        ("DOTNET_TC_BackgroundWorkerTimeoutMs", "ffffffff"),
        // A small first generation: in steady state nothing is allocated, so a large one would only be memory.
        ("DOTNET_GCgen0size", "200000"),
    ];

    /// <summary>Does not return where the process begins again. To be called first of all, as nothing that it did before lives on.</summary>
    internal static void Ensure()
    {
        bool missing = false;
        foreach (var (name, value) in s_settings)
        {
            if (Environment.GetEnvironmentVariable(name) is null)
            {
                missing = true;
                _ = SetVariable(name, value, 0);
            }
        }

        // What debugs a process would lose it.
        if (missing && !System.Diagnostics.Debugger.IsAttached)
        {
            BeginAgain();
        }
    }

    // Where that cannot be done (no /proc, a sandbox), the process goes on as it is.
    private static void BeginAgain()
    {
        byte[] line;
        try
        {
            // proc_pid_cmdline(5): each argument ends with a zero byte.
            line = File.ReadAllBytes("/proc/self/cmdline");
            File.Delete(DiagnosticSocket());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return;
        }

        if (line is not [.., 0])
        {
            return;
        }

        fixed (byte* first = line)
        fixed (byte* program = "/proc/self/exe\0"u8)
        {
            var arguments = stackalloc byte*[line.AsSpan().Count((byte)0) + 1];
            int count = 0;
            for (int at = 0; at < line.Length; at += line.AsSpan(at).IndexOf((byte)0) + 1)
            {
                arguments[count++] = first + at;
            }

            arguments[count] = null;
            _ = Execute(program, arguments);
        }
    }

    // Where dotnet-trace and its like reach a process. The runtime removes it when it ends, not when something takes its place, and
    // would find it in use: it is called after the process, and after when that began (proc_pid_stat(5), the 22nd field).
    private static string DiagnosticSocket()
    {
        string fields = File.ReadAllText("/proc/self/stat");
        string began = fields[(fields.LastIndexOf(')') + 2)..].Split(' ')[19];
        return Path.Combine(Path.GetTempPath(), $"dotnet-diagnostic-{Environment.ProcessId}-{began}-socket");
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);

    [LibraryImport("libc", EntryPoint = "execv")]
    private static partial int Execute(byte* program, byte** arguments);
}
