using System.Text.Json;
using System.Text.Json.Nodes;
using Outrider.Configuration.Binding;
using Outrider.Configuration.Json;

namespace Outrider.Configuration.Shapes;

/// <summary>
/// Finds out what a configuration may hold, by having documents read: the first is empty, and each key that is asked for is then tried with values of
/// every kind, until no document brings a new key. What is read and what is said of it can so not be two things.
/// </summary>
internal static class ShapeExplorer
{
    // Some are what single keys want of their text; for the others any text will do.
    private static readonly string[] s_texts = ["outrider-x", "", "auto", "1", "10MB", "redirect", "on", "/outrider-x", "1s", "127.0.0.1", "127.0.0.1:1", "0123456789abcdef"];

    private static readonly JsonNode?[] s_others = [0, 1, 50, 150, 300, 0.5, true, false, new JsonObject(), new JsonObject { ["value"] = 1 }, new JsonObject { ["path"] = "outrider-x" }, new JsonArray()];

    private static readonly JsonNode?[] s_items = [.. s_texts.Select(static text => (JsonNode?)text), .. s_others.Select(static value => value?.DeepClone()), new JsonArray("outrider-x")];

    /// <summary>Every object that a configuration may hold, by its id. Takes a second.</summary>
    public static IReadOnlyDictionary<string, ObjectShape> Explore()
    {
        var shapes = new Dictionary<string, ObjectShape>(StringComparer.Ordinal);
        var waiting = new Queue<MemberShape>(ShapeRun.Of(shapes, new JsonObject()).Found);
        do
        {
            while (waiting.TryDequeue(out var member))
            {
                foreach (var value in Candidates(member))
                {
                    Try(shapes, member, value, waiting);
                }
            }

            TryTogether(shapes, waiting);
        }
        while (waiting.Count > 0);

        foreach (var shape in shapes.Values.Where(static shape => !shape.IsClosed).ToList())
        {
            shape.Others = Others(shapes, shape);
        }

        return shapes;
    }

    private static void Try(Dictionary<string, ObjectShape> shapes, MemberShape member, JsonNode? value, Queue<MemberShape> waiting)
    {
        var run = ShapeRun.Of(shapes, member.Place.With((member.Key, value)));
        foreach (var found in run.Found)
        {
            waiting.Enqueue(found);
        }

        var node = member.Place.Find(run.Root).Members.Last(one => one.Name == member.Key).Value;
        if (run.IsWrong(node))
        {
            return;
        }

        member.Tried |= KindOf(node);
        if (node.Items is [var item] && !run.IsWrong(item))
        {
            member.TriedItems |= KindOf(item);
        }
    }

    // An object that nobody has looked into yet may be read only where a word beside it says what it is.
    private static void TryTogether(Dictionary<string, ObjectShape> shapes, Queue<MemberShape> waiting)
    {
        foreach (var shape in shapes.Values.ToList())
        {
            var closed = shape.Members.Values.Where(member => member.Is(ReadingKind.Object) && shapes.TryGetValue(member.Id, out var inner) && inner is { IsClosed: false, Members.Count: 0 });
            foreach (var (member, choice) in closed.SelectMany(member => shape.Members.Values.Select(choice => (member, choice))).ToList())
            {
                foreach (string word in choice.Readings.SelectMany(static reading => reading.Words))
                {
                    ShapeRun.Of(shapes, member.Place.With((choice.Key, word), (member.Key, new JsonObject()))).Found.ToList().ForEach(waiting.Enqueue);
                }
            }
        }
    }

    private static IEnumerable<JsonNode?> Candidates(MemberShape member)
    {
        var dependence = Dependence.All.FirstOrDefault(one => one.On == member.Key && member.Id.EndsWith($"{one.Owner}/{one.On}", StringComparison.Ordinal));
        var words = member.Readings.SelectMany(static reading => reading.Words).Concat(dependence?.Ways.Values.SelectMany(static values => values) ?? []);
        JsonNode?[] texts = [.. s_texts.Concat(words).Select(static text => (JsonNode?)text)];
        JsonNode?[] items = [.. s_items.Select(static item => new JsonArray(item?.DeepClone()))];
        if (member.IsAny)
        {
            return [.. texts, .. s_others, .. items];
        }

        // What is asked for as one kind of value alone takes no other: a value of it is there for what is asked for beside it, or within it.
        return member.Readings[0].Kind switch
        {
            ReadingKind.Flag => [true, false],
            ReadingKind.Object => [new JsonObject()],
            ReadingKind.Objects => [new JsonArray(new JsonObject())],
            ReadingKind.Texts => [new JsonArray("outrider-x")],
            ReadingKind.Choice => [.. words.Select(static word => (JsonNode?)word)],
            ReadingKind.Text => [.. words.Concat(["outrider-x", "/outrider-x"]).Select(static word => (JsonNode?)word)],
            ReadingKind.Duration => ["1s"],
            _ => [1],
        };
    }

    // What a key that nobody knows may hold, in an object that says nothing of such keys.
    private static ValueKinds Others(Dictionary<string, ObjectShape> shapes, ObjectShape shape)
    {
        const string key = "outrider_x";
        var kinds = ValueKinds.None;
        foreach (var value in (JsonNode?[])["outrider-x", .. s_others])
        {
            var run = ShapeRun.Of(shapes, shape.Place.With((key, value)));
            var node = shape.Place.Find(run.Root).Members.Last(static one => one.Name == key).Value;
            kinds |= run.IsWrong(node) ? ValueKinds.None : KindOf(node);
        }

        return kinds;
    }

    private static ValueKinds KindOf(ConfigurationNode node) => node.Kind switch
    {
        JsonValueKind.String => ValueKinds.Text,
        JsonValueKind.Number => node.Json.Span.Contains((byte)'.') ? ValueKinds.Fraction : ValueKinds.Whole,
        JsonValueKind.True or JsonValueKind.False => ValueKinds.Flag,
        JsonValueKind.Object => ValueKinds.Object,
        JsonValueKind.Array => ValueKinds.Array,
        _ => ValueKinds.None,
    };
}
