using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Outrider.Tests.Harness;
using ProcessThread = Outrider.Plugins.Processes.Launching.ProcessThread;

namespace Outrider.Tests.CommandLine;

/// <summary>The program as users run it, in a process of its own. Killed when the test is done with it, if it still runs.</summary>
internal sealed partial class OutriderProcess : IDisposable
{
    // A start reads and compiles a lot.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(90);

    private readonly Process _process;
    private readonly RuntimeSockets? _sockets;
    private readonly StringBuilder _out = new();
    private readonly StringBuilder _error = new();

    private OutriderProcess(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, string? folder = null)
    {
        var start = new ProcessStartInfo(program) { WorkingDirectory = folder ?? "", RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        // Envoy wants a SIGTERM when the thread that started it ends (PR_SET_PDEATHSIG, which is the thread's and not its process's): those of the pool do.
        _process = ProcessThread.StartAsync(start).GetAwaiter().GetResult();
        _sockets = RuntimeSockets.Of(_process.Id);
        _process.OutputDataReceived += (_, e) => Note(_out, e.Data);
        _process.ErrorDataReceived += (_, e) => Note(_error, e.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>The program that was built: the test project refers to it, so it lies beside the tests; its extensions lie where it was built.</summary>
    internal static string ProgramFile { get; } = FindProgram();

    internal string Out => Read(_out);

    internal string Error => Read(_error);

    internal int Id => _process.Id;

    internal bool HasExited => _process.HasExited;

    internal static OutriderProcess Start(params string[] arguments) => new("dotnet", [ProgramFile, .. arguments]);

    internal static OutriderProcess StartOther(string program, params string[] arguments) => new(program, arguments);

    internal static OutriderProcess StartOther(string program, IReadOnlyDictionary<string, string> environment, params string[] arguments) => new(program, arguments, environment);

    internal static OutriderProcess StartIn(string folder, string program, params string[] arguments) => new(program, arguments, null, folder);

    /// <summary>Runs to the end.</summary>
    internal static async Task<(int Code, string Out, string Error)> RunAsync(params string[] arguments)
    {
        using var process = Start(arguments);
        int code = await process.ExitAsync();
        return (code, process.Out, process.Error);
    }

    /// <summary>A port for a program that must be told one.</summary>
    internal static int FreePort() => FreePorts.Next();

    internal Task<int> ExitAsync() => ExitAsync(s_patience);

    internal async Task<int> ExitAsync(TimeSpan patience)
    {
        await _process.WaitForExitAsync().WaitAsync(patience);
        return _process.ExitCode;
    }

    /// <summary>Waits until somebody listens on a port; fails when the process ends before.</summary>
    internal async Task ListensAsync(int port)
    {
        long end = Environment.TickCount64 + (long)s_patience.TotalMilliseconds;
        while (true)
        {
            try
            {
                using var socket = new TcpClient();
                await socket.ConnectAsync(IPAddress.Loopback, port);
                return;
            }
            catch (SocketException) when (!_process.HasExited && Environment.TickCount64 < end)
            {
                await Task.Delay(20);
            }
            catch (SocketException)
            {
                Assert.Fail($"nobody listens on {port}; stdout: {Out}; stderr: {Error}");
            }
        }
    }

    internal void Signal(PosixSignal signal)
    {
        int number = signal switch { PosixSignal.SIGHUP => 1, PosixSignal.SIGINT => 2, PosixSignal.SIGTERM => 15, > 0 => (int)signal, _ => throw new ArgumentOutOfRangeException(nameof(signal)) };
        Assert.Equal(0, Kill(_process.Id, number));
    }

    public void Dispose()
    {
        // One that was killed, here or by the test, leaves them, and so do those that it has started.
        List<RuntimeSockets> left = _sockets is null ? [] : [_sockets];
        if (!_process.HasExited)
        {
            left.AddRange(RuntimeSockets.OfTree(_process.Id));
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }

        _process.Dispose();
        left.ForEach(static sockets => sockets.Remove());
    }

    private static string FindProgram()
    {
        // …/tests/Outrider.Tests/bin/<configuration>/net10.0 → …/src/Outrider/bin/<configuration>/net10.0
        var output = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/'));
        string root = output.Parent!.Parent!.Parent!.Parent!.Parent!.FullName;
        string built = Path.Combine(root, "src", "Outrider", "bin", output.Parent.Name, output.Name, "outrider.dll");
        return File.Exists(built) ? built : throw new FileNotFoundException("build the program first: dotnet build", built);
    }

    private static void Note(StringBuilder text, string? line)
    {
        if (line is not null)
        {
            lock (text)
            {
                text.Append(CultureInfo.InvariantCulture, $"{line}\n");
            }
        }
    }

    private static string Read(StringBuilder text)
    {
        lock (text)
        {
            return text.ToString();
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
