using System.Text.RegularExpressions;

namespace Outrider.Tests.House;

/// <summary>The rules of DESIGN for the whole house, checked on the built assemblies and on the sources.</summary>
public sealed partial class HouseTests
{
    private static readonly string s_root = FindRoot();

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
        Assert.Empty(Assemblies().SelectMany(CircularNamespaces).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_circle_is_found_where_there_is_one()
    {
        static (TypeName From, TypeName To) Use(string from, string to) => (new("a", from, "X"), new("a", to, "Y"));

        Assert.Equal(["a.b", "a.c"], Circles.Of([Use("a.b", "a.c"), Use("a.c", "a.b"), Use("a.b", "a.d")]).Order(StringComparer.Ordinal));
        Assert.Equal(["a", "a.b"], Circles.Of([Use("a", "a.b"), Use("a.b", "a")]).Order(StringComparer.Ordinal));
        Assert.Empty(Circles.Of([Use("a.b", "a.c"), Use("a.c", "a.d"), Use("a.b", "a.d")]));
    }

    [Fact]
    public void A_project_uses_those_of_the_table_alone()
    {
        var wrong = Assemblies().Where(IsOfTheProduct).SelectMany(Arrows.WrongOfAssembly)
            .Concat(Directory.EnumerateFiles(Path.Combine(s_root, "src"), "*.csproj", SearchOption.AllDirectories).SelectMany(Arrows.WrongOfProject));

        Assert.Empty(wrong);
    }

    [Fact]
    public void An_arrow_that_is_not_in_the_table_is_found()
    {
        Assert.Equal(["Outrider.Net uses Outrider.Proxy"], Arrows.Wrong("Outrider.Net", ["Outrider.Proxy", "System.Runtime"]));
        Assert.Equal(["Outrider.Attic is not in the table"], Arrows.Wrong("Outrider.Attic", []));
    }

    [Fact]
    public void A_type_is_not_larger_than_one_thing()
    {
        var large = Assemblies().Where(IsOfTheProduct)
            .SelectMany(path => TypeSizes.Read(path, Sources(Path.Combine(s_root, "src", ProjectOf(path)))))
            // What protoc makes of messages is as large as they are.
            .Where(size => size.IsTooLarge && !size.Type.Namespace.EndsWith(".Wire", StringComparison.Ordinal))
            .Select(size => size.Type.ToString())
            .Order(StringComparer.Ordinal);

        Assert.Empty(large);
    }

    [Fact]
    public void A_size_counts_all_parts_of_a_type()
    {
        var sizes = TypeSizes.Read(typeof(HouseTests).Assembly.Location, Sources(Path.Combine(s_root, "tests/Outrider.Tests/House")));

        // _first; the nested type's own, and the base's.
        Assert.Equal(4, sizes.Single(size => size.Type.Name == nameof(SizedType)).Fields);
        Assert.InRange(sizes.Single(size => size.Type.Name == nameof(SizedType)).Lines, 25, 60);
        Assert.True(new TypeSize(default, TypeSize.MaxLines + 1, 0).IsTooLarge);
        Assert.True(new TypeSize(default, 0, TypeSize.MaxFields + 1).IsTooLarge);
        Assert.False(new TypeSize(default, TypeSize.MaxLines, TypeSize.MaxFields).IsTooLarge);
    }

    private static IEnumerable<string> CircularNamespaces(string path) => Circles.Of(
        TypeUses.Read(path).All.Where(use => use.From.Assembly == use.To.Assembly && use.From.Namespace != "Outrider.Filters"));

    private static IEnumerable<string> Assemblies() => Directory
        .EnumerateFiles(AppContext.BaseDirectory, "*utrider*.dll")
        .Where(path => !Path.GetFileName(path).Contains("Tests", StringComparison.Ordinal));

    private static bool IsOfTheProduct(string path) => Directory.Exists(Path.Combine(s_root, "src", ProjectOf(path)));

    private static string ProjectOf(string path) => Path.GetFileNameWithoutExtension(path) is var name && name == "outrider" ? "Outrider" : name;

    private static IEnumerable<string> Sources() => Sources(Path.Combine(s_root, "src"));

    private static IEnumerable<string> Sources(string folder) => Directory
        .EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
        .Where(path => !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/bin/", StringComparison.Ordinal));

    private static string Expected(string path)
    {
        string name = Path.GetRelativePath(Path.Combine(s_root, "src"), Path.GetDirectoryName(path)!).Replace('/', '.');
        return name.StartsWith("Outrider.Filters.", StringComparison.Ordinal) && name != "Outrider.Filters.Testing" ? "Outrider.Filters" : name;
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
