namespace Outrider.Filters;

/// <summary>What configurations could name at some time, and the code of it. Two are equal when a name meant the same. Immutable.</summary>
/// <param name="creators">Names and what makes the parts, in an order that depends on the names alone.</param>
internal sealed class RegisteredParts(IReadOnlyList<KeyValuePair<string, Delegate>> creators) : IEquatable<RegisteredParts>
{
    /// <summary>Nothing.</summary>
    internal static RegisteredParts None { get; } = new([]);

    private readonly IReadOnlyList<KeyValuePair<string, Delegate>> _creators = creators;

    /// <summary>All names, sorted, with what makes them.</summary>
    internal static IEnumerable<KeyValuePair<string, Delegate>> Sorted<TCreator>(IEnumerable<KeyValuePair<string, TCreator>> creators)
        where TCreator : Delegate
        => creators.OrderBy(static pair => pair.Key, StringComparer.Ordinal).Select(static pair => KeyValuePair.Create(pair.Key, (Delegate)pair.Value));

    public bool Equals(RegisteredParts? other) => other is not null && _creators.SequenceEqual(other._creators);

    public override bool Equals(object? obj) => Equals(obj as RegisteredParts);

    public override int GetHashCode() => _creators.Count;
}
