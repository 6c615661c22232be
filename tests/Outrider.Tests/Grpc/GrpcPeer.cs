using System.Collections.Concurrent;
using System.Diagnostics;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Grpc;

/// <summary>gRPC's own server, in a process with Python: <c>peer.py</c>.</summary>
internal sealed class GrpcPeer : IDisposable
{
    /// <summary>What it needs of Debian.</summary>
    internal const string Python = "/usr/bin/python3";

    /// <summary>What it needs of Debian.</summary>
    internal const string Library = "/usr/lib/python3/dist-packages/grpc/__init__.py";

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _said;
    private bool _isDisposed;

    private GrpcPeer(Process process, ConcurrentQueue<string> said) => (_process, _said) = (process, said);

    internal string Address => "127.0.0.1:" + _said.First();

    /// <summary>How many calls wait, or waited, that are never answered.</summary>
    internal int Waiting => _said.Count(line => line == "waiting");

    /// <summary>How many of those were told that nobody wants them any more.</summary>
    internal int Cancelled => _said.Count(line => line == "cancelled");

    internal static Task<GrpcPeer> StartAsync() => StartAsync(ScriptPath("peer.py"));

    /// <summary>Another server, which prints its port too.</summary>
    internal static async Task<GrpcPeer> StartAsync(string script)
    {
        var start = new ProcessStartInfo(Python, [script]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        var process = Process.Start(start)!;
        var said = new ConcurrentQueue<string>();
        process.OutputDataReceived += (_, e) => said.Enqueue(e.Data ?? "");
        process.BeginOutputReadLine();
        await Eventually.HoldsAsync(() => !said.IsEmpty);
        return new GrpcPeer(process, said);
    }

    internal static string ScriptPath(string name) => Path.Combine(AppContext.BaseDirectory, "Grpc", name);

    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }
}
