using Outrider.Configuration.Binding;

namespace Outrider.Configuration.Shapes;

/// <summary>A key of an object, and what is known of its value.</summary>
/// <param name="key">The key.</param>
/// <param name="way">The way in which it is read, where there are several (<see cref="Dependence"/>).</param>
/// <param name="id">The id of an object that stands there.</param>
/// <param name="place">A document with an object in which it is asked for.</param>
internal sealed class MemberShape(string key, string way, string id, ShapePlace place)
{
    private readonly List<KeyReading> _readings = [];
    private readonly List<KeyReading> _items = [];

    /// <summary>The key.</summary>
    public string Key => key;

    /// <summary>The way in which it is read.</summary>
    public string Way => way;

    /// <summary>The id of an object that stands there; of one in an array with <c>[]</c> behind it.</summary>
    public string Id => id;

    /// <summary>A document with an object in which it is asked for.</summary>
    public ShapePlace Place => place;

    /// <summary>What was wanted of it.</summary>
    public IReadOnlyList<KeyReading> Readings => _readings;

    /// <summary>What was wanted of elements, where it is an array.</summary>
    public IReadOnlyList<KeyReading> ItemReadings => _items;

    /// <summary>What was taken when it was tried.</summary>
    public ValueKinds Tried { get; set; }

    /// <summary>What was taken as an element when it was tried.</summary>
    public ValueKinds TriedItems { get; set; }

    /// <summary>Whether who reads it looks at its kind himself.</summary>
    public bool IsAny => Is(ReadingKind.Any) || (Is(ReadingKind.Array) && !Is(ReadingKind.Objects) && !Is(ReadingKind.Texts));

    /// <summary>Whether that was wanted of it.</summary>
    public bool Is(ReadingKind kind) => _readings.Exists(reading => reading.Kind == kind);

    /// <summary>Takes note of a reading.</summary>
    public void Add(in KeyReading reading)
    {
        Add(_readings, reading);
    }

    /// <summary>Takes note of a reading of an element.</summary>
    public void AddItem(in KeyReading reading)
    {
        Add(_items, reading);
    }

    /// <summary>The kinds of values that it may have.</summary>
    public ValueKinds Kinds()
    {
        var kinds = _readings.Aggregate(ValueKinds.None, static (all, reading) => all | KindsOf(reading));
        return Is(ReadingKind.Any) ? kinds | Tried : Is(ReadingKind.Ignored) && kinds == ValueKinds.None ? ValueKinds.All : kinds;
    }

    private static void Add(List<KeyReading> readings, KeyReading reading)
    {
        // The same words come in another list each time.
        if (!readings.Exists(other => other with { Words = reading.Words } == reading && other.Words.SequenceEqual(reading.Words)))
        {
            readings.Add(reading);
        }
    }

    private static ValueKinds KindsOf(in KeyReading reading) => reading.Kind switch
    {
        ReadingKind.Text or ReadingKind.Choice or ReadingKind.Duration => ValueKinds.Text,
        ReadingKind.Flag => ValueKinds.Flag,
        ReadingKind.Integer => ValueKinds.Whole,
        ReadingKind.Number => ValueKinds.Whole | ValueKinds.Fraction,
        ReadingKind.Object => ValueKinds.Object,
        ReadingKind.Array or ReadingKind.Objects or ReadingKind.Texts => ValueKinds.Array,
        _ => ValueKinds.None,
    };
}
