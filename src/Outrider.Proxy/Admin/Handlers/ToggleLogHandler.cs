using System.Text;

namespace Outrider.Proxy.Admin.Handlers;

/// <summary>
/// <c>POST /api/v1/enable_log</c> and <c>/api/v1/disable_log</c>: the body is the path of a log, of access or of errors. Any thread.
/// </summary>
/// <param name="source">Where the logs are.</param>
/// <param name="enable">Which of the two.</param>
internal sealed class ToggleLogHandler(IAdminSource source, bool enable) : IAdminHandler
{
    private readonly string _verb = enable ? "enable" : "disable";

    /// <inheritdoc/>
    public string Path => $"/api/v1/{_verb}_log";

    /// <inheritdoc/>
    public string Method => "POST";

    /// <inheritdoc/>
    public string Summary => $"the body is the path of a log to {_verb}";

    /// <inheritdoc/>
    public ValueTask<AdminResponse> HandleAsync(AdminRequest request)
    {
        string path = Encoding.UTF8.GetString(request.Body.Span).Trim();
        if (source.LogFiles.Find(path) is not { } file)
        {
            return new(AdminResponse.Error(400, $"{_verb} logger failed"));
        }

        file.IsEnabled = enable;
        return new(AdminResponse.Text($"{_verb} logger success\n"));
    }
}
