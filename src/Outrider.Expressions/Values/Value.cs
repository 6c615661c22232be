using System.Net;

namespace Outrider.Expressions.Values;

/// <summary>What an expression, or a part of one, is on one stream.</summary>
public readonly struct Value
{
    private readonly long _number;
    private readonly object? _object;

    private Value(ValueKind kind, long number, object? value = null)
    {
        Kind = kind;
        _number = number;
        _object = value;
    }

    /// <summary>Of what kind it is.</summary>
    public ValueKind Kind { get; }

    /// <summary>Is it true? Only of <see cref="ValueKind.Flag"/>.</summary>
    public bool Flag => _number != 0;

    /// <summary>The number. Only of <see cref="ValueKind.Integer"/>.</summary>
    public long Integer => _number;

    /// <summary>The number. Only of <see cref="ValueKind.Number"/>.</summary>
    public double Number => BitConverter.Int64BitsToDouble(_number);

    /// <summary>The text; of an error why there is no value, of an address, a URI and the like how it is written. Otherwise empty.</summary>
    public string Text => _object as string ?? (_object as IPAddress)?.ToString() ?? "";

    /// <summary>The span of time. Only of <see cref="ValueKind.Duration"/>.</summary>
    public TimeSpan Duration => TimeSpan.FromTicks(_number);

    /// <summary>The moment in UTC. Only of <see cref="ValueKind.Time"/>.</summary>
    public DateTime Time => new(_number, DateTimeKind.Utc);

    /// <summary>The address; null where there is none. Only of <see cref="ValueKind.Address"/>.</summary>
    public IPAddress? Address => _object as IPAddress;

    /// <summary>Has the evaluation failed?</summary>
    public bool IsError => Kind == ValueKind.Error;

    internal Func<string, string?>? Map => _object as Func<string, string?>;

    /// <inheritdoc/>
    public override string ToString() => Kind switch
    {
        ValueKind.Flag => Flag ? "true" : "false",
        ValueKind.Integer => Integer.ToString(System.Globalization.CultureInfo.InvariantCulture),
        ValueKind.Number => Number.ToString(System.Globalization.CultureInfo.InvariantCulture),
        ValueKind.Duration => Duration.TotalSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture) + "s",
        ValueKind.Time => Time.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFFZ", System.Globalization.CultureInfo.InvariantCulture),
        _ => Text,
    };

    internal static Value Of(bool flag) => new(ValueKind.Flag, flag ? 1 : 0);

    internal static Value Of(long number) => new(ValueKind.Integer, number);

    internal static Value Of(double number) => new(ValueKind.Number, BitConverter.DoubleToInt64Bits(number));

    internal static Value Of(string text) => new(ValueKind.Text, 0, text);

    internal static Value Of(TimeSpan duration) => new(ValueKind.Duration, duration.Ticks);

    internal static Value Of(DateTime time) => new(ValueKind.Time, time.Ticks);

    internal static Value Of(IPAddress? address) => new(ValueKind.Address, 0, address);

    internal static Value Of(Func<string, string?> map) => new(ValueKind.Map, 0, map);

    internal static Value Written(ValueKind kind, string text) => new(kind, 0, text);

    internal static Value Context { get; } = new(ValueKind.Stream, 0);

    internal static Value Error(string reason) => new(ValueKind.Error, 0, reason);

    /// <summary>What MOSN takes for an attribute that is not there.</summary>
    internal static Value Default(ValueKind kind) => kind switch
    {
        ValueKind.Text => Of(""),
        ValueKind.Map => Of(static _ => null),
        ValueKind.Uri or ValueKind.DnsName or ValueKind.Email => Written(kind, ""),
        _ => new Value(kind, 0),
    };

    internal bool IsSame(Value other)
        => Kind == ValueKind.Address ? Equals(Plain(Address), Plain(other.Address))
            : Kind == ValueKind.Number ? Number == other.Number
            : _number == other._number && (_object as string) == (other._object as string);

    internal int CompareTo(Value other)
        => Kind == ValueKind.Text ? string.CompareOrdinal(Text, other.Text) : Kind == ValueKind.Number ? Number.CompareTo(other.Number) : _number.CompareTo(other._number);

    private static IPAddress? Plain(IPAddress? address) => address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address;
}
