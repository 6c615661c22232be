using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Outrider.Configuration.Binding;
using Outrider.Configuration.Json;

namespace Outrider.Configuration.Shapes;

/// <summary>One document that is read for what is asked of it.</summary>
internal sealed class ShapeRun : IReadingObserver
{
    private readonly Dictionary<string, ObjectShape> _shapes;
    private readonly JsonNode _document;
    private readonly List<ConfigurationNode> _opened = [];
    private readonly List<MemberShape> _found = [];
    private readonly HashSet<string> _wrong;

    private ShapeRun(Dictionary<string, ObjectShape> shapes, JsonNode document)
    {
        _shapes = shapes;
        _document = document;
        var parsed = ConfigurationDocument.Parse(Encoding.UTF8.GetBytes(document.ToJsonString()), "configuration.json");
        Root = parsed.Root;
        var problems = new ProblemLog { Observer = this };
        _ = RootBinder.Bind(parsed, problems);
        _wrong = [.. problems.Errors.Select(static error => error.JsonPath)];
        foreach (var node in _opened)
        {
            _shapes[IdOf(node)].Note(
                [.. _shapes[IdOf(node)].Members.Values.Select(static member => member.Key).Where(key => _wrong.Contains(node.PathOf(key)))],
                [.. node.Members.Select(static member => member.Name)]);
        }
    }

    /// <summary>The document as it was read.</summary>
    public ConfigurationNode Root { get; }

    /// <summary>The keys that nobody had asked for before.</summary>
    public IReadOnlyList<MemberShape> Found => _found;

    /// <summary>Reads a document.</summary>
    /// <param name="shapes">What is known, by id: learns what this one shows.</param>
    /// <param name="document">The document. Kept: do not change it afterwards.</param>
    public static ShapeRun Of(Dictionary<string, ObjectShape> shapes, JsonNode document) => new(shapes, document);

    /// <summary>Whether there was an error about this very value.</summary>
    public bool IsWrong(ConfigurationNode node) => _wrong.Contains(node.Path);

    /// <inheritdoc/>
    public void Opened(ConfigurationNode node)
    {
        string id = IdOf(node);
        if (!_shapes.ContainsKey(id))
        {
            _shapes.Add(id, new ObjectShape(id, new ShapePlace(_document, node)));
        }

        _opened.Add(node);
    }

    /// <inheritdoc/>
    public void Read(ConfigurationNode owner, string key, in KeyReading reading) => MemberOf(owner, key).Add(reading);

    /// <inheritdoc/>
    public void Value(ConfigurationNode node, in KeyReading reading)
    {
        if (node.Key is { } key)
        {
            MemberOf(node.Parent!, key).Add(reading);
        }
        else if (node.Parent is { Kind: JsonValueKind.Array, Key: { } name } array)
        {
            MemberOf(array.Parent!, name).AddItem(reading);
        }
    }

    /// <inheritdoc/>
    public void Finished(ConfigurationNode node) => _shapes[IdOf(node)].IsClosed = true;

    private static string IdOf(ConfigurationNode node)
    {
        if (node.Parent is not { } parent)
        {
            return "";
        }

        string above = IdOf(parent);
        return node.Key is { } key ? $"{above}/{key}{Dependence.WayOf(above, parent, key)}" : above + "[]";
    }

    private MemberShape MemberOf(ConfigurationNode owner, string key)
    {
        string id = IdOf(owner), way = Dependence.WayOf(id, owner, key);
        var shape = _shapes[id];
        if (!shape.Members.TryGetValue((key, way), out var member))
        {
            member = new MemberShape(key, way, $"{id}/{key}{way}", new ShapePlace(_document, owner));
            shape.Members.Add((key, way), member);
            _found.Add(member);
        }

        return member;
    }
}
