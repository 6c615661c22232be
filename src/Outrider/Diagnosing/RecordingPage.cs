using Microsoft.Diagnostics.NETCore.Client;
using Outrider.Proxy.Admin;

namespace Outrider.Diagnosing;

/// <summary>A page that records events of the runtime for a while: <c>?seconds=N</c>. It answers a .nettrace file, which dotnet-trace, PerfView and Visual Studio open. Any thread.</summary>
/// <param name="path">Its path.</param>
/// <param name="summary">What it shows.</param>
/// <param name="seconds">How long, where the request says nothing.</param>
/// <param name="providers">Which events.</param>
internal sealed class RecordingPage(string path, string summary, int seconds, params EventPipeProvider[] providers) : IAdminHandler
{
    /// <summary>The media type of what is bytes to whoever does not know it.</summary>
    internal const string FileType = "application/octet-stream";

    /// <inheritdoc/>
    public string Path => path;

    /// <inheritdoc/>
    public string Summary => $"{summary} (.nettrace); ?seconds=N, {seconds} if nothing else is said";

    /// <inheritdoc/>
    public bool IsSensitive(AdminRequest request) => true;

    /// <summary>What a page says while another one records.</summary>
    internal static AdminResponse Busy { get; } = AdminResponse.Text("another recording is under way; try again when it is over\n", 409);

    /// <inheritdoc/>
    public async ValueTask<AdminResponse> HandleAsync(AdminRequest request)
    {
        var span = RecordedSpan.Of(request, seconds, out var refusal);
        if (refusal is not null)
        {
            return refusal;
        }

        if (request.Method == "HEAD")
        {
            return new AdminResponse(200, FileType, default);
        }

        return await RuntimeRecording.MakeAsync(providers, withMethodNames: true, () => Task.Delay(span)).ConfigureAwait(false) is { } file
            ? new AdminResponse(200, FileType, file) { FileName = $"outrider-{Environment.ProcessId}-{path[(path.LastIndexOf('/') + 1)..]}.nettrace" }
            : Busy;
    }
}
