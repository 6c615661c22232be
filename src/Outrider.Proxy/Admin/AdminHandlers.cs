using System.Collections.Concurrent;

namespace Outrider.Proxy.Admin;

/// <summary>The pages of the admin API by path. Any thread; a page that is added while the server runs is served at once.</summary>
internal sealed class AdminHandlers
{
    private readonly ConcurrentDictionary<string, IAdminHandler> _handlers = new(StringComparer.Ordinal);

    /// <summary>Every page, sorted by path.</summary>
    public IReadOnlyList<IAdminHandler> Pages => [.. _handlers.Values.OrderBy(static handler => handler.Path, StringComparer.Ordinal)];

    /// <summary>Adds a page.</summary>
    /// <exception cref="ArgumentException">The path is taken, or does not begin with a slash.</exception>
    public void Add(IAdminHandler handler)
    {
        if (!handler.Path.StartsWith('/'))
        {
            throw new ArgumentException($"the path of an admin page begins with a slash: '{handler.Path}'", nameof(handler));
        }

        if (!_handlers.TryAdd(handler.Path, handler))
        {
            throw new ArgumentException($"there is an admin page at '{handler.Path}' already", nameof(handler));
        }
    }

    /// <summary>The page of a path; null when there is none.</summary>
    public IAdminHandler? Find(string path)
        => _handlers.GetValueOrDefault(path) is { } handler && handler.Answers(path) ? handler : Pages.FirstOrDefault(page => page.Answers(path));

    /// <summary>Answers a request; never throws.</summary>
    public async ValueTask<AdminResponse> HandleAsync(AdminRequest request)
    {
        if (Find(request.Path) is not { } handler)
        {
            return AdminResponse.Text("not found; / lists the pages\n", 404);
        }

        string method = handler.Changes(request) ? "POST" : handler.Method;
        if (request.Method != method && !(request.Method == "HEAD" && method == "GET"))
        {
            return AdminResponse.Text($"{request.Path} answers {method} only{(method == handler.Method ? "" : " to what changes something")}\n", 405) with
            {
                Allow = method == "GET" ? "GET, HEAD" : method,
            };
        }

        if (handler.NeedsToken && !request.HasToken)
        {
            return AdminResponse.Text($"{request.Path} answers only where admin.token is set: whoever may change this may run what he likes\n", 403);
        }

        if (request.IsForeign && handler.IsSensitive(request))
        {
            return AdminResponse.Text($"{request.Path} answers clients on this machine only: set a token or allow_remote to have it otherwise\n", 403);
        }

        try
        {
            return await handler.HandleAsync(request);
        }
        catch (Exception e)
        {
            return AdminResponse.Text($"{request.Path} failed: {e.Message}\n", 500);
        }
    }
}
