using System.Text;

namespace Outrider.Filters;

/// <summary>
/// The headers or trailers of a message, as bytes. Names compare without case. Order is kept, and a name may occur more
/// than once. Only to be touched on the stream's loop thread while the stream lives.
/// </summary>
/// <remarks>
/// Spans that come out of a map point into the base's memory: they are good until the map is next changed or the method
/// awaits, whichever is first. Copy what has to live longer (<see cref="GetString(ReadOnlySpan{byte})"/>).
/// </remarks>
public abstract class HeaderMap
{
    /// <summary>How many fields there are, repeated names counted each time.</summary>
    public abstract int Count { get; }

    /// <summary>The first value of <paramref name="name"/>. No copy is made.</summary>
    public abstract bool TryGetValue(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value);

    /// <summary>The field at <paramref name="index"/>, 0 to <see cref="Count"/> − 1, in order.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The index is outside.</exception>
    public abstract HeaderField this[int index] { get; }

    /// <summary>Replaces every field of that name by this one, or adds it.</summary>
    /// <exception cref="ArgumentException">The name is not a token (RFC 9110 §5.1), the value holds a control character (§5.5), or the field is the connection's (<see cref="HeaderSyntax.IsConnections"/>).</exception>
    /// <exception cref="InvalidOperationException">The head of the message has gone on already, or the stream has ended.</exception>
    public abstract void Set(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value);

    /// <summary>Adds a field after those that are there.</summary>
    /// <exception cref="ArgumentException">As for <see cref="Set(ReadOnlySpan{byte}, ReadOnlySpan{byte})"/>.</exception>
    public abstract void Append(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value);

    /// <summary>Removes every field of that name; false when there was none.</summary>
    public abstract bool Remove(ReadOnlySpan<byte> name);

    /// <summary>Is there a field of that name?</summary>
    public bool Contains(ReadOnlySpan<byte> name) => TryGetValue(name, out _);

    /// <summary>Is the first value of that name exactly these bytes?</summary>
    public bool Has(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => TryGetValue(name, out var found) && found.SequenceEqual(value);

    /// <summary>The first value of that name as a string of its own (Latin-1, so that no byte is lost), or null.</summary>
    public string? GetString(ReadOnlySpan<byte> name) => TryGetValue(name, out var value) ? Encoding.Latin1.GetString(value) : null;

    /// <summary>The first value of that name as a string of its own, or null.</summary>
    public string? GetString(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        Span<byte> bytes = stackalloc byte[256];
        return Ascii.IsValid(name) ? GetString(HeaderSyntax.ToBytes(name, bytes)) : null;
    }

    /// <summary>As <see cref="Set(ReadOnlySpan{byte}, ReadOnlySpan{byte})"/>; the value is written as Latin-1, so that what <see cref="GetString(string)"/> read goes out as it came.</summary>
    /// <exception cref="ArgumentException">As there; or the text has a character above U+00FF: give its bytes instead.</exception>
    public void Set(string name, string value)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(value);
        Span<byte> nameBytes = stackalloc byte[256], valueBytes = stackalloc byte[512];
        Set(HeaderSyntax.ToBytes(name, nameBytes), HeaderSyntax.ToBytes(value, valueBytes));
    }

    /// <summary>As <see cref="Append(ReadOnlySpan{byte}, ReadOnlySpan{byte})"/>; the value is written as Latin-1, so that what <see cref="GetString(string)"/> read goes out as it came.</summary>
    /// <exception cref="ArgumentException">As there; or the text has a character above U+00FF: give its bytes instead.</exception>
    public void Append(string name, string value)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(value);
        Span<byte> nameBytes = stackalloc byte[256], valueBytes = stackalloc byte[512];
        Append(HeaderSyntax.ToBytes(name, nameBytes), HeaderSyntax.ToBytes(value, valueBytes));
    }

    /// <summary>Removes every field of that name; false when there was none.</summary>
    public bool Remove(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        Span<byte> bytes = stackalloc byte[256];
        return Ascii.IsValid(name) && Remove(HeaderSyntax.ToBytes(name, bytes));
    }

    /// <summary>Goes through the fields in order, without an allocation.</summary>
    public Enumerator GetEnumerator() => new(this);

    /// <summary>The enumerator of a header map.</summary>
    public ref struct Enumerator
    {
        private readonly HeaderMap _map;
        private int _index;

        internal Enumerator(HeaderMap map)
        {
            _map = map;
            _index = -1;
        }

        /// <summary>The field at hand.</summary>
        public readonly HeaderField Current => _map[_index];

        /// <summary>Goes to the next field; false at the end.</summary>
        public bool MoveNext() => ++_index < _map.Count;
    }
}
