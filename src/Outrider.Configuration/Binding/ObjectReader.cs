using System.Buffers.Text;
using System.Globalization;
using System.Text.Json;
using Outrider.Configuration.Json;
using Outrider.Configuration.Model;
using Outrider.Configuration.Problems;
using Outrider.Filters;

namespace Outrider.Configuration.Binding;

/// <summary>
/// Reads the members of one object by their keys and remembers which were asked for; <see cref="Finish"/> reports the others.
/// Whatever is wrong goes to the log and reads as the default, so that binding goes on and finds the rest. Keys are compared
/// without case, a repeated key counts with its last value, and <c>null</c> is as good as absent: all as in Go.
/// </summary>
internal sealed class ObjectReader
{
    private static readonly TimeSpan s_shortest = TimeSpan.FromMilliseconds(1);

    // What .NET's and our timers count in milliseconds of an int: 24 days.
    private static readonly TimeSpan s_longest = TimeSpan.FromMilliseconds(int.MaxValue);

    private readonly Dictionary<string, ConfigurationMember> _members = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _asked = new(StringComparer.OrdinalIgnoreCase);

    private ObjectReader(ConfigurationNode node, ProblemLog problems)
    {
        Node = node;
        Problems = problems;
        problems.Observer?.Opened(node);
        foreach (ConfigurationMember member in node.Members)
        {
            if (_members.ContainsKey(member.Name))
            {
                Warn(member, "this key stands here twice; its last value counts");
            }

            _members[member.Name] = member;
        }
    }

    /// <summary>The object.</summary>
    public ConfigurationNode Node { get; }

    /// <summary>Where problems go.</summary>
    public ProblemLog Problems { get; }

    /// <summary>A reader of that value; null, and an error, when it is no object.</summary>
    public static ObjectReader? Open(ConfigurationNode node, ProblemLog problems)
    {
        if (node.Kind == JsonValueKind.Object)
        {
            return new ObjectReader(node, problems);
        }

        Wrong(node, problems, "an object");
        return null;
    }

    /// <summary>The object as it is written, but for one member.</summary>
    public ResourceText TextWithout(string key)
        => new(Node.Document.Folder, [.. Node.Members.Where(member => !member.Name.Equals(key, StringComparison.OrdinalIgnoreCase)).SelectMany(member => (ReadOnlyMemory<byte>[])[System.Text.Encoding.UTF8.GetBytes(member.Name), member.Value.Json])]);

    /// <summary>The object as it is written, and those of other files that belong to it.</summary>
    public ResourceText TextWith(IEnumerable<ObjectReader> others) => new(Node.Document.Folder, [Node.Json, .. others.Select(other => other.Node.Json)]);

    /// <summary>The value of a key; null when it is absent or <c>null</c>.</summary>
    public ConfigurationNode? Take(string key)
    {
        Note(key, new(ReadingKind.Any));
        return Find(key);
    }

    /// <summary>Text; null when absent, empty or wrong.</summary>
    public string? Text(string key)
    {
        Note(key, new(ReadingKind.Text));
        return FindText(key);
    }

    /// <summary>Text that must be there; null, and an error, when it is not.</summary>
    public string? RequiredText(string key)
    {
        Note(key, new(ReadingKind.Text));
        ConfigurationNode? node = Find(key);
        if (node is null || (node.Kind == JsonValueKind.String && node.Text.Length == 0))
        {
            Missing(key, node);
            return null;
        }

        return FindText(key);
    }

    /// <summary>True or false.</summary>
    public bool Flag(string key, bool fallback)
    {
        Note(key, new(ReadingKind.Flag) { Default = fallback });
        if (Find(key) is not { } node)
        {
            return fallback;
        }

        if (node.Kind is JsonValueKind.True or JsonValueKind.False)
        {
            return node.Kind == JsonValueKind.True;
        }

        Wrong(node, Problems, "true or false");
        return fallback;
    }

    /// <summary>A whole number in a range.</summary>
    public int Integer(string key, int fallback, int min, int max) => (int)Long(key, fallback, min, max);

    /// <summary>A whole number in a range.</summary>
    public long Long(string key, long fallback, long min, long max)
    {
        Note(key, new(ReadingKind.Integer) { Default = fallback, Min = min, Max = max });
        return Find(key) is { } node && TryInteger(node, min, max, out long value) ? value : fallback;
    }

    /// <summary>A whole number in a range, where 0 stands for the default as well.</summary>
    public int IntegerOrDefault(string key, int fallback, int min, int max)
    {
        Note(key, new(ReadingKind.Integer) { Default = (long)fallback, Min = min, Max = max, ZeroToo = true });
        return Find(key) is { } node && !IsZero(node) && TryInteger(node, min, max, out long value) ? (int)value : fallback;
    }

    /// <summary>Reads one value as a whole number in a range; an error when it is none.</summary>
    public bool TryInteger(ConfigurationNode node, long min, long max, out long value)
    {
        Problems.Observer?.Value(node, new(ReadingKind.Integer) { Min = min, Max = max });
        value = 0;
        ReadOnlySpan<byte> json = node.Json.Span;
        if (node.Kind == JsonValueKind.Number && Utf8Parser.TryParse(json, out value, out int used) && used == json.Length
            && value >= min && value <= max)
        {
            return true;
        }

        string range = max >= int.MaxValue ? $"a whole number of {min} or more" : $"a whole number from {min} to {max}";
        Wrong(node, Problems, range);
        return false;
    }

    /// <summary>A duration, never negative: text as Go writes it, or the number 0.</summary>
    public TimeSpan Duration(string key, TimeSpan fallback, ZeroDuration zero)
    {
        Note(key, new(ReadingKind.Duration) { Default = fallback, ZeroToo = zero != ZeroDuration.IsWrong });
        if (Find(key) is not { } node)
        {
            return fallback;
        }

        // MOSN's DurationConfig hands the bare JSON text to time.ParseDuration: a number has no unit and is refused, all but 0.
        TimeSpan value = TimeSpan.Zero;
        if (!IsZero(node) && (node.Kind != JsonValueKind.String || !GoDuration.TryParse(node.Text, out value)))
        {
            Wrong(node, Problems, "a duration such as \"1s\", \"500ms\" or \"1h30m\"");
            return fallback;
        }

        if (value < TimeSpan.Zero || (value == TimeSpan.Zero && zero == ZeroDuration.IsWrong))
        {
            Wrong(node, Problems, zero == ZeroDuration.IsWrong ? "a duration greater than zero" : "a duration of zero or more");
            return fallback;
        }

        if (value > s_longest)
        {
            Problems.Warning(node, "longer than a timer can wait, taken as 24 days");
            return s_longest;
        }

        if (value > TimeSpan.Zero && value < s_shortest)
        {
            // Timers count milliseconds, and zero of them often means no limit.
            return s_shortest;
        }

        return value == TimeSpan.Zero && zero == ZeroDuration.MeansDefault ? fallback : value;
    }

    /// <summary>One of some words, as an enumeration; an error that lists them when it is another.</summary>
    public T Choice<T>(string key, T fallback, IReadOnlyDictionary<string, T> words)
    {
        Note(key, KeyReading.Choice(words, fallback));
        if (FindText(key) is not { } text)
        {
            return fallback;
        }

        if (words.TryGetValue(text, out T? value))
        {
            return value;
        }

        Wrong(Find(key)!, Problems, "one of " + string.Join(", ", words.Keys));
        return fallback;
    }

    /// <summary>The object under a key; null when absent or wrong.</summary>
    public ObjectReader? Object(string key)
    {
        Note(key, new(ReadingKind.Object));
        return Find(key) is { } node ? Open(node, Problems) : null;
    }

    /// <summary>The elements of the array under a key; none when absent or wrong.</summary>
    public IReadOnlyList<ConfigurationNode> Array(string key)
    {
        Note(key, new(ReadingKind.Array));
        return FindArray(key);
    }

    /// <summary>The objects in the array under a key; what is no object is an error and left out.</summary>
    public IEnumerable<ObjectReader> Objects(string key)
    {
        Note(key, new(ReadingKind.Objects));
        return FindArray(key).Select(item => Open(item, Problems)).OfType<ObjectReader>();
    }

    /// <summary>The strings in the array under a key, each with its node; what is no string is an error and left out.</summary>
    public IEnumerable<ConfigurationNode> Texts(string key)
    {
        Note(key, new(ReadingKind.Texts));
        return FindArray(key).Where(item => IsKind(item, JsonValueKind.String, "a string"));
    }

    /// <summary>Keys that MOSN knows and we do not. A value that changes nothing in MOSN either, as <c>{}</c> and <c>false</c>, goes without a word.</summary>
    public void Ignore(params ReadOnlySpan<string> keys)
    {
        foreach (string key in keys)
        {
            Note(key, new(ReadingKind.Ignored));
            if (Find(key) is { } node && !IsEmpty(node))
            {
                Warn(_members[key], "not supported yet, ignored");
            }
        }
    }

    /// <summary>A key that MOSN's files have and that has no effect here, which docs/configuration.md says: a warning that no strictness makes an error. Its value has been looked at.</summary>
    /// <param name="key">The key.</param>
    /// <param name="message">Why it has none.</param>
    public void Excuse(string key, string message)
    {
        Note(key, new(ReadingKind.Excused) { Default = message });
        if (Find(key) is { } node && !IsEmpty(node))
        {
            Problems.Warning(Node.Document.ProblemAt(_members[key].NameStart, node.Path, message) with { IsExcused = true });
        }
    }

    /// <summary>A number of any kind; null when absent or wrong.</summary>
    public double? Number(string key)
    {
        Note(key, new(ReadingKind.Number) { Min = long.MinValue, Max = long.MaxValue });
        return Find(key) is { } node && IsKind(node, JsonValueKind.Number, "a number") ? double.Parse(node.Json.Span, CultureInfo.InvariantCulture) : null;
    }

    /// <summary>A number in a range.</summary>
    public double Number(string key, double fallback, int min, int max)
    {
        Note(key, new(ReadingKind.Number) { Default = fallback, Min = min, Max = max });
        if (Find(key) is not { } node)
        {
            return fallback;
        }

        if (node.Kind == JsonValueKind.Number && double.TryParse(node.Json.Span, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value >= min && value <= max)
        {
            return value;
        }

        Wrong(node, Problems, $"a number from {min} to {max}");
        return fallback;
    }

    /// <summary>Warns about every key that nobody asked for.</summary>
    public void Finish()
    {
        Problems.Observer?.Finished(Node);
        foreach (ConfigurationMember member in _members.Values.Where(m => !_asked.Contains(m.Name)))
        {
            Warn(member, "unknown key");
        }
    }

    /// <summary>An error about the value of a key, or about the object when the key is absent.</summary>
    public void Error(string key, string message)
    {
        Problems.Error(Find(key) is { } node ? node.Problem(message) : Node.Problem(message) with { JsonPath = Node.PathOf(key) });
    }

    /// <summary>A warning about the value of a key, or about the object when the key is absent.</summary>
    public void Warning(string key, string message)
    {
        Problems.Warning(Find(key) is { } node ? node.Problem(message) : Node.Problem(message) with { JsonPath = Node.PathOf(key) });
    }

    /// <summary>An error: this is not what is wanted.</summary>
    public static void Wrong(ConfigurationNode node, ProblemLog problems, string wanted)
        => problems.Error(node, $"found {node.Describe()}, wanted {wanted}");

    private static bool IsZero(ConfigurationNode node) => node.Kind == JsonValueKind.Number && node.Json.Span.SequenceEqual("0"u8);

    // What Go's encoder writes for a struct that nobody filled in: dumps of MOSN are full of it.
    private static bool IsEmpty(ConfigurationNode node) => node.Kind switch
    {
        JsonValueKind.Object => node.Members.All(m => IsEmpty(m.Value)),
        JsonValueKind.Array => node.Items.Count == 0,
        JsonValueKind.String => node.Text is "" or "0s",
        JsonValueKind.Number => IsZero(node),
        JsonValueKind.True => false,
        _ => true,
    };

    private ConfigurationNode? Find(string key)
    {
        _asked.Add(key);
        return _members.TryGetValue(key, out ConfigurationMember member) && member.Value.Kind != JsonValueKind.Null ? member.Value : null;
    }

    private string? FindText(string key)
        => Find(key) is { } node && IsKind(node, JsonValueKind.String, "a string") && node.Text.Length > 0 ? node.Text : null;

    private IReadOnlyList<ConfigurationNode> FindArray(string key)
        => Find(key) is { } node && IsKind(node, JsonValueKind.Array, "an array") ? node.Items : [];

    private void Note(string key, in KeyReading reading) => Problems.Observer?.Read(Node, key, reading);

    private void Missing(string key, ConfigurationNode? node)
    {
        ConfigurationProblem problem = (node ?? Node).Problem("is required");
        Problems.Error(problem with { JsonPath = Node.PathOf(key), Message = node is null ? "is missing and required" : "must not be empty" });
    }

    private bool IsKind(ConfigurationNode node, JsonValueKind kind, string wanted)
    {
        if (node.Kind == kind)
        {
            return true;
        }

        Wrong(node, Problems, wanted);
        return false;
    }

    private void Warn(ConfigurationMember member, string message)
        => Problems.Warning(Node.Document.ProblemAt(member.NameStart, member.Value.Path, message));
}
