namespace Outrider.Configuration.Binding;

/// <summary>What is wanted of a key.</summary>
/// <param name="Kind">The kind of value.</param>
internal readonly record struct KeyReading(ReadingKind Kind)
{
    /// <summary>What an absent key reads as: a bool, long, double, TimeSpan or word; for an excused key why it has no effect. Null where nobody knows.</summary>
    public object? Default { get; init; }

    /// <summary>The least number.</summary>
    public long Min { get; init; }

    /// <summary>The greatest number.</summary>
    public long Max { get; init; }

    /// <summary>Whether zero may be said whatever the range.</summary>
    public bool ZeroToo { get; init; }

    /// <summary>The words to choose from.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];

    /// <summary>Whether words count in any case of letters.</summary>
    public bool InAnyCase { get; init; }

    /// <summary>One of some words.</summary>
    public static KeyReading Choice<T>(IReadOnlyDictionary<string, T> words, T fallback) => new(ReadingKind.Choice)
    {
        Default = words.FirstOrDefault(pair => Equals(pair.Value, fallback)).Key,
        Words = [.. words.Keys],
        InAnyCase = words is Dictionary<string, T> { Comparer: var comparer } && comparer.Equals("a", "A"),
    };
}
