using System.Text;
using Outrider.Proxy.Admin;

namespace Outrider.Diagnosing;

/// <summary><c>/debug/pprof/cmdline</c>: the process's arguments with a zero byte between them, as Go's. Any thread.</summary>
internal sealed class CommandLinePage : IAdminHandler
{
    /// <inheritdoc/>
    public string Path => "/debug/pprof/cmdline";

    /// <inheritdoc/>
    public string Summary => "the process's arguments, a zero byte between them";

    /// <inheritdoc/>
    public bool IsSensitive(AdminRequest request) => true;

    /// <inheritdoc/>
    public ValueTask<AdminResponse> HandleAsync(AdminRequest request)
        => new(new AdminResponse(200, AdminResponse.PlainText, Encoding.UTF8.GetBytes(string.Join('\0', Environment.GetCommandLineArgs()))));
}
