using System.Text.RegularExpressions;

namespace Outrider.Tests.House;

/// <summary>The rules of DESIGN for the whole house, checked on the built assemblies and on the sources.</summary>
public sealed partial class HouseTests
{
    private static readonly string s_root = FindRoot();

    // Rooms that still use each other in a circle. The list only shrinks: a room that is no longer in a circle has to go from it.
    private static readonly string[] s_stillCircular =
    [
        "Outrider.Http.Streams",
        "Outrider.Http.V1.Client",
        "Outrider.Http.V1.Server",
        "Outrider.Http.V2.Server",
        "Outrider.Proxy.Admin",
        "Outrider.Proxy.Admin.Handlers",
        "Outrider.Proxy.Streams",
        "Outrider.Proxy.Streams.Contexts",
        "Outrider.Proxy.Streams.Exchanges",
        "Outrider.Proxy.Streams.Paths",
        "Outrider.Proxy.Streams.Replies",
        "Outrider.Proxy.Upstream",
        "Outrider.Proxy.Upstream.LoadBalancing",
        "Outrider.Proxy.Upstream.Subsets",
    ];

    [Fact]
    public void A_namespace_is_a_folder()
    {
        var wrong = Sources()
            .Select(path => (Path: path, Declared: NamespaceLine().Match(File.ReadAllText(path))))
            .Where(source => Path.GetFileName(source.Path) != "IsExternalInit.cs" && source.Declared.Success && source.Declared.Groups[1].Value != Expected(source.Path))
            .Select(source => $"{Path.GetRelativePath(s_root, source.Path)}: {source.Declared.Groups[1].Value}");

        Assert.Empty(wrong);
    }

    [Fact]
    public void Namespaces_of_a_project_use_each_other_in_one_direction()
    {
        var circular = Assemblies().SelectMany(CircularNamespaces).Order(StringComparer.Ordinal);

        Assert.Equal(string.Join('\n', s_stillCircular), string.Join('\n', circular));
    }

    [Fact]
    public void A_circle_is_found_where_there_is_one()
    {
        static (TypeName From, TypeName To) Use(string from, string to) => (new("a", from, "X"), new("a", to, "Y"));

        Assert.Equal(["a.b", "a.c"], Circles.Of([Use("a.b", "a.c"), Use("a.c", "a.b"), Use("a.b", "a.d")]).Order(StringComparer.Ordinal));
        Assert.Equal(["a", "a.b"], Circles.Of([Use("a", "a.b"), Use("a.b", "a")]).Order(StringComparer.Ordinal));
        Assert.Empty(Circles.Of([Use("a.b", "a.c"), Use("a.c", "a.d"), Use("a.b", "a.d")]));
    }

    private static IEnumerable<string> CircularNamespaces(string path) => Circles.Of(
        TypeUses.Read(path).All.Where(use => use.From.Assembly == use.To.Assembly && use.From.Namespace != "Outrider.Filters"));

    private static IEnumerable<string> Assemblies() => Directory
        .EnumerateFiles(AppContext.BaseDirectory, "*utrider*.dll")
        .Where(path => !Path.GetFileName(path).Contains("Tests", StringComparison.Ordinal));

    private static IEnumerable<string> Sources() => Directory
        .EnumerateFiles(Path.Combine(s_root, "src"), "*.cs", SearchOption.AllDirectories)
        .Where(path => !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/bin/", StringComparison.Ordinal));

    private static string Expected(string path)
    {
        string name = Path.GetRelativePath(Path.Combine(s_root, "src"), Path.GetDirectoryName(path)!).Replace('/', '.');
        return name.StartsWith("Outrider.Filters.", StringComparison.Ordinal) && !name.StartsWith("Outrider.Filters.Testing", StringComparison.Ordinal) ? "Outrider.Filters" : name;
    }

    private static string FindRoot()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Outrider.slnx")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        return folder;
    }

    [GeneratedRegex(@"^namespace ([\w.]+)", RegexOptions.Multiline)]
    private static partial Regex NamespaceLine();
}
