using System.Text.Json;
using Outrider.Assemblies.Swapping;
using Outrider.Proxy.Admin;

namespace Outrider.Plugins.Libraries;

/// <summary><c>/api/v1/library</c>: the assemblies that configurations name as libraries; as POST <c>?reload=NAME</c>, a file's path or name or the name of one of its filters or other extensions. Any thread.</summary>
internal sealed class LibraryAdminHandler(LibrarySwaps swaps) : IAdminHandler
{
    // The admin API gives a request five seconds.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(4);

    public string Path => "/api/v1/library";

    public string Summary => "the assemblies that are swapped; POST: ?reload=NAME";

    public bool Changes(AdminRequest request) => Wanted(request) is not null;

    public async ValueTask<AdminResponse> HandleAsync(AdminRequest request)
    {
        if (Wanted(request) is not { } wanted)
        {
            return AdminResponse.Json(JsonSerializer.SerializeToUtf8Bytes(swaps.Libraries.Status().Select(Describe), LibraryJson.Default.IEnumerableLibraryView));
        }

        var found = swaps.Libraries.Status().Where(library => IsNamed(library, wanted)).ToArray();
        if (found is not [var library])
        {
            return AdminResponse.Text(
                found.Length == 0 ? $"there is no library '{wanted}'; there are: {string.Join(", ", swaps.Libraries.Status().Select(one => one.Path))}\n"
                : $"'{wanted}' may be {string.Join(" or ", found.Select(one => one.Path))}: say which\n",
                400);
        }

        if (swaps.Ask(library.Path) is not { } asked)
        {
            return AdminResponse.Text("too many reloads wait already\n", 400);
        }

        try
        {
            return await asked.Done.WaitAsync(s_patience).ConfigureAwait(false) is { } problem
                ? AdminResponse.Text(problem + "\n", 400)
                : AdminResponse.Text($"reloaded {library.Path}\n");
        }
        catch (TimeoutException)
        {
            return AdminResponse.Text("the reload is taking its time; see the log\n", 400);
        }
    }

    private static string? Wanted(AdminRequest request) => request.Query.FirstOrDefault(pair => pair.Key == "reload").Value is { Length: > 0 } value ? value : null;

    private static bool IsNamed(LibraryStatus library, string name) => library.Path == name || System.IO.Path.GetFileName(library.Path) == name
        || System.IO.Path.GetFileNameWithoutExtension(library.Path) == name || library.Filters.Contains(name) || library.Extensions.Contains(name);

    private static LibraryView Describe(LibraryStatus library) => new(
        library.Path, library.Version, library.AssemblyVersion, library.LoadedAt, library.IsHot, library.Filters, library.Extensions, library.OldVersions, library.Problem);
}
