using System.Globalization;
using System.Text.Json.Nodes;
using Outrider.Configuration.Binding;

namespace Outrider.Configuration.Shapes;

/// <summary>The schema of one key's value.</summary>
/// <param name="member">The key.</param>
/// <param name="shape">The schema of an object that stands there; null where nothing is known of one.</param>
/// <param name="item">The schema of objects in an array that stands there; null where nothing is known of them.</param>
internal sealed class ValueSchema(MemberShape member, JsonObject? shape, JsonObject? item)
{
    /// <summary>A duration as Go writes it, none of them negative.</summary>
    public const string DurationPattern = @"^\+?(0|(([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+)$";

    private const string NoDuration = @"^\+?[0.numsh\u00B5\u03BC]*$";

    /// <summary>The schema.</summary>
    /// <param name="isRequired">Must it be there? <c>null</c>, and an empty text, are as good as absent elsewhere.</param>
    public JsonObject Make(bool isRequired)
    {
        var kinds = member.Kinds() | (member.IsAny && shape is not null ? ValueKinds.Object : ValueKinds.None);
        if (kinds == ValueKinds.All && shape is null && item is null)
        {
            return [];
        }

        var alternatives = Alternatives(kinds, isRequired).ToList();
        var schema = alternatives switch
        {
            [] => new JsonObject { ["type"] = "null" },
            [var only] => isRequired ? only : OrNull(only),
            _ => new JsonObject { ["anyOf"] = new JsonArray([.. alternatives, .. isRequired ? [] : (JsonNode[])[new JsonObject { ["type"] = "null" }]]) },
        };
        if (Default() is { } fallback && !schema.ContainsKey("$ref"))
        {
            schema["default"] = fallback;
        }

        return schema;
    }

    /// <summary>The schema of a value of which only the kinds are known.</summary>
    public static JsonObject OfKinds(ValueKinds kinds) => new() { ["type"] = new JsonArray([.. NamesOf(kinds).Append("null").Select(static name => (JsonNode?)name)]) };

    /// <summary>The same, or <c>null</c>.</summary>
    public static JsonObject OrNull(JsonObject schema)
    {
        if (schema["type"] is JsonValue type && !schema.ContainsKey("enum"))
        {
            schema["type"] = new JsonArray(type.DeepClone(), "null");
            return schema;
        }

        if (schema["anyOf"] is JsonArray several)
        {
            several.Add(new JsonObject { ["type"] = "null" });
            return schema;
        }

        return new JsonObject { ["anyOf"] = new JsonArray(schema, new JsonObject { ["type"] = "null" }) };
    }

    /// <summary>Whether the key says nothing here, and why.</summary>
    public static bool IsWithoutEffect(MemberShape member, out string? why)
    {
        var excused = member.Readings.Where(static reading => reading.Kind == ReadingKind.Excused).Select(static reading => reading.Default as string).ToList();
        bool isIgnored = member.Is(ReadingKind.Ignored) && member.Readings.Count == 1;
        why = excused is [var reason, ..] ? reason : isIgnored ? "not supported yet, ignored" : null;
        return isIgnored;
    }

    /// <summary>A regular expression for these words in any case of letters. ECMA's, which schemas have, know no flag for that within them.</summary>
    public static string InAnyCase(IEnumerable<string> words) => $"^({string.Join('|', words.Select(static word => string.Concat(word.Select(Letter))))})$";

    private static string Letter(char c) => char.IsAsciiLetter(c) ? $"[{char.ToUpperInvariant(c)}{char.ToLowerInvariant(c)}]" : c is '.' or '+' or '*' or '?' or '$' or '(' or ')' or '[' or ']' ? "\\" + c : c.ToString();

    private static IEnumerable<string> NamesOf(ValueKinds kinds)
    {
        foreach (var (kind, name) in new[]
        {
            (ValueKinds.Text, "string"), (ValueKinds.Fraction, "number"), (ValueKinds.Whole, "integer"), (ValueKinds.Flag, "boolean"), (ValueKinds.Object, "object"), (ValueKinds.Array, "array"),
        })
        {
            if ((kinds & kind) != 0 && (kind != ValueKinds.Whole || (kinds & ValueKinds.Fraction) == 0))
            {
                yield return name;
            }
        }
    }

    private IEnumerable<JsonObject> Alternatives(ValueKinds kinds, bool isRequired)
    {
        foreach (string name in NamesOf(kinds))
        {
            switch (name)
            {
                case "string":
                    foreach (var text in Texts(isRequired))
                    {
                        yield return text;
                    }

                    break;
                case "number" or "integer":
                    yield return Number(name, member.Readings);
                    if (Whole(member.Readings) is { Min: > 0, ZeroToo: true })
                    {
                        yield return new JsonObject { ["const"] = 0 };
                    }

                    break;
                case "object":
                    yield return shape ?? new JsonObject { ["type"] = "object" };
                    break;
                case "array":
                    yield return new JsonObject { ["type"] = "array", ["items"] = Items() };
                    break;
                default:
                    yield return new JsonObject { ["type"] = name };
                    break;
            }
        }
    }

    private IEnumerable<JsonObject> Texts(bool isRequired)
    {
        var choices = member.Readings.Where(static reading => reading.Kind == ReadingKind.Choice).ToList();
        if (choices.Count > 0)
        {
            string[] words = [.. choices.SelectMany(static choice => choice.Words).Distinct(StringComparer.Ordinal)];
            yield return new JsonObject { ["enum"] = new JsonArray([.. words.Select(static word => (JsonNode?)word)]) };
            if (choices.Exists(static choice => choice.InAnyCase))
            {
                yield return new JsonObject { ["type"] = "string", ["pattern"] = InAnyCase(words) };
            }

            if (!isRequired)
            {
                yield return new JsonObject { ["const"] = "" };
            }

            yield break;
        }

        if (member.Readings.FirstOrDefault(static reading => reading.Kind == ReadingKind.Duration) is { Kind: ReadingKind.Duration } duration)
        {
            var text = new JsonObject { ["type"] = "string", ["pattern"] = DurationPattern };
            if (!duration.ZeroToo)
            {
                text["not"] = new JsonObject { ["pattern"] = NoDuration };
            }

            yield return text;
            if (duration.ZeroToo && !member.Is(ReadingKind.Integer))
            {
                yield return new JsonObject { ["const"] = 0 };
            }

            yield break;
        }

        yield return isRequired && member.Is(ReadingKind.Text) ? new JsonObject { ["type"] = "string", ["minLength"] = 1 } : new JsonObject { ["type"] = "string" };
    }

    private JsonNode Items()
    {
        var kinds = member.Is(ReadingKind.Objects) ? ValueKinds.Object
            : member.Is(ReadingKind.Texts) ? ValueKinds.Text
            : member.ItemReadings.Count > 0 ? ValueKinds.Whole
            : member.TriedItems | (item is null ? ValueKinds.None : ValueKinds.Object);
        if (member.Is(ReadingKind.Objects) && member.IsAny)
        {
            kinds |= member.TriedItems;
        }

        var alternatives = NamesOf(kinds).Select(name => name switch
        {
            "object" when item is not null => item.DeepClone(),
            "integer" => Number(name, member.ItemReadings),
            _ => new JsonObject { ["type"] = name },
        }).ToList();
        return kinds == ValueKinds.All && item is null ? new JsonObject()
            : alternatives is [var only] ? only
            : alternatives.Count == 0 ? new JsonObject()
            : new JsonObject { ["anyOf"] = new JsonArray([.. alternatives]) };
    }

    private static (long Min, long Max, bool ZeroToo)? Whole(IEnumerable<KeyReading> readings)
    {
        var ranges = readings.Where(static reading => reading.Kind is ReadingKind.Integer or ReadingKind.Number).ToList();
        return ranges.Count == 0 ? null : (ranges.Min(static range => range.Min), ranges.Max(static range => range.Max), ranges.Exists(static range => range.ZeroToo));
    }

    private static JsonObject Number(string name, IEnumerable<KeyReading> readings)
    {
        var schema = new JsonObject { ["type"] = name };
        if (Whole(readings) is { } range)
        {
            if (range.Min != long.MinValue)
            {
                schema["minimum"] = range.Min == 1 && range.ZeroToo ? 0 : range.Min;
            }

            // What no editor's numbers can hold is no bound worth telling.
            if (range.Max < 1L << 53)
            {
                schema["maximum"] = range.Max;
            }
        }

        return schema;
    }

    private JsonNode? Default()
    {
        var said = member.Readings.Where(static reading => reading.Kind is not ReadingKind.Excused && reading.Default is not null).Select(static reading => reading.Default!).Distinct().ToList();
        return said is not [var only] ? null : only switch
        {
            bool flag => flag,
            // One that could not be said stands for something else.
            long number => Whole(member.Readings) is { } range && (number < range.Min || number > range.Max) && !(number == 0 && range.ZeroToo) ? null : number,
            double number => number,
            string word => word,
            TimeSpan duration => duration.Ticks % TimeSpan.TicksPerSecond == 0
                ? string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds}s")
                : string.Create(CultureInfo.InvariantCulture, $"{duration.TotalMilliseconds}ms"),
            _ => null,
        };
    }
}
