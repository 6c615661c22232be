using System.Text;

namespace Outrider.Proxy.Admin.Handlers;

/// <summary><c>/</c>: the list of the pages. Any thread.</summary>
/// <param name="handlers">Where the pages are.</param>
internal sealed class HelpHandler(AdminHandlers handlers) : IAdminHandler
{
    /// <inheritdoc/>
    public string Path => "/";

    /// <inheritdoc/>
    public ValueTask<AdminResponse> HandleAsync(AdminRequest request)
    {
        var text = new StringBuilder("supported APIs:\n");
        foreach (IAdminHandler page in handlers.Pages.Where(static page => page.Path != "/"))
        {
            text.Append(page.Path);
            if (page.Method != "GET" || page.Summary.Length > 0)
            {
                text.Append("  ").Append(page.Method).Append(page.Summary.Length > 0 ? ": " : "").Append(page.Summary);
            }

            text.Append('\n');
        }

        return new(AdminResponse.Text(text.ToString()));
    }
}
