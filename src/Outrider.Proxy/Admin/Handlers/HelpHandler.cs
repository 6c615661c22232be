using System.Text;

namespace Outrider.Proxy.Admin.Handlers;

/// <summary><c>/</c>: the list of the pages. Any thread.</summary>
/// <param name="handlers">Where the pages are.</param>
/// <param name="path">Where the list is, if not there.</param>
internal sealed class HelpHandler(AdminHandlers handlers, string path = "/") : IAdminHandler
{
    /// <inheritdoc/>
    public string Path => path;

    /// <inheritdoc/>
    public ValueTask<AdminResponse> HandleAsync(AdminRequest request)
    {
        var text = new StringBuilder("supported APIs:\n");
        foreach (IAdminHandler page in handlers.Pages.Where(static page => page is not HelpHandler))
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
