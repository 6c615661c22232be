using Microsoft.Diagnostics.NETCore.Client;

namespace Outrider.Diagnosing;

/// <summary>
/// Records events of this process's own runtime, by the socket that it offers to diagnostic tools, as a .nettrace file in memory. One recording at a time: each
/// costs the process memory and time. Any thread.
/// </summary>
internal static class RuntimeRecording
{
    // What the runtime may keep of events that have not been read yet.
    private const int BufferMegabytes = 64;

    private static readonly SemaphoreSlim s_turn = new(1);

    /// <summary>Records until <paramref name="done"/> says so.</summary>
    /// <param name="providers">Which events.</param>
    /// <param name="withMethodNames">Whether the names of all compiled methods are to stand at the end, which stacks need.</param>
    /// <param name="done">Ends when there is enough.</param>
    /// <returns>The file; null where another recording is under way.</returns>
    /// <exception cref="IOException">The runtime offers no such socket (<c>DOTNET_EnableDiagnostics=0</c>), or has broken it off.</exception>
    internal static async Task<ReadOnlyMemory<byte>?> MakeAsync(IEnumerable<EventPipeProvider> providers, bool withMethodNames, Func<Task> done)
    {
        if (!await s_turn.WaitAsync(0).ConfigureAwait(false))
        {
            return null;
        }

        try
        {
            // Off the loop of whoever asks: the client's calls wait where they stand.
            return await Task.Run(() => RecordAsync([.. providers], withMethodNames, done)).ConfigureAwait(false);
        }
        catch (Exception e) when (e is DiagnosticsClientException or EndOfStreamException or TimeoutException)
        {
            throw new IOException("the runtime could not be asked: " + e.Message, e);
        }
        finally
        {
            _ = s_turn.Release();
        }
    }

    private static async Task<ReadOnlyMemory<byte>?> RecordAsync(EventPipeProvider[] providers, bool withMethodNames, Func<Task> done)
    {
        var client = new DiagnosticsClient(Environment.ProcessId);
        using var session = await client.StartEventPipeSessionAsync(providers, withMethodNames, BufferMegabytes, CancellationToken.None).ConfigureAwait(false);
        using var file = new MemoryStream();
        var copying = session.EventStream.CopyToAsync(file);
        await done().ConfigureAwait(false);
        await session.StopAsync(CancellationToken.None).ConfigureAwait(false);
        await copying.ConfigureAwait(false);
        return file.ToArray();
    }
}
