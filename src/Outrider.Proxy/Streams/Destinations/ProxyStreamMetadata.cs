using System.Globalization;
using System.Text.Json;
using Outrider.Filters;

namespace Outrider.Proxy.Streams.Destinations;

/// <summary>Metadata that filters have set on a stream. The configuration of routes, clusters and hosts has none yet.</summary>
internal sealed class ProxyStreamMetadata : StreamMetadata
{
    private readonly Dictionary<(string Namespace, string Key), object> _values = [];

    public override string? GetText(string ns, string key, MetadataSource source = MetadataSource.Stream) => Find(ns, key, source) as string;

    public override double? GetNumber(string ns, string key, MetadataSource source = MetadataSource.Stream) => Find(ns, key, source) as double?;

    public override bool? GetFlag(string ns, string key, MetadataSource source = MetadataSource.Stream) => Find(ns, key, source) as bool?;

    public override void Set(string ns, string key, string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        Write(ns, key, value);
    }

    public override void Set(string ns, string key, double value) => Write(ns, key, value);

    public override void Set(string ns, string key, bool value) => Write(ns, key, value);

    public override IReadOnlyList<object?>? GetList(string ns, string key, MetadataSource source = MetadataSource.Stream) => Find(ns, key, source) is List<object?> list ? [.. list] : null;

    public override void Append(string ns, string key, string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        Add(ns, key, value);
    }

    public override void Append(string ns, string key, double value) => Add(ns, key, value);

    public override void Append(string ns, string key, bool value) => Add(ns, key, value);

    public override void Merge(string ns, JsonElement values)
    {
        if (values.ValueKind != JsonValueKind.Object)
        {
            throw new ArgumentException("metadata is a JSON object", nameof(values));
        }

        foreach (var member in values.EnumerateObject())
        {
            // What lies deeper can be read by nobody yet: it is kept as it came.
            Write(ns, member.Name, member.Value.ValueKind == JsonValueKind.Array
                ? member.Value.EnumerateArray().Select(Plain).ToList()
                : Plain(member.Value) ?? member.Value.Clone());
        }
    }

    internal void Clear() => _values.Clear();

    /// <summary>Adds what is set under the names that Envoy's and MOSN's balancers look at; what is there under the same key is replaced.</summary>
    internal void AddSubset(List<KeyValuePair<string, string>> wanted)
    {
        foreach (var ((ns, key), value) in _values)
        {
            string? text = value switch
            {
                string plain => plain,
                bool flag => flag ? "true" : "false",
                double number => number.ToString(CultureInfo.InvariantCulture),
                _ => null,
            };
            // A host has one value of a key: a list or an object matches none.
            if (text is null || ns is not ("envoy.lb" or "mosn.lb"))
            {
                continue;
            }

            int at = wanted.Count - 1;
            while (at >= 0 && wanted[at].Key != key)
            {
                at--;
            }

            if (at < 0)
            {
                wanted.Add(new(key, text));
            }
            else
            {
                wanted[at] = new(key, text);
            }
        }
    }

    private object? Find(string ns, string key, MetadataSource source) => source == MetadataSource.Stream ? _values.GetValueOrDefault((ns, key)) : null;

    private static object? Plain(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.GetDouble(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };

    private void Add(string ns, string key, object value)
    {
        if (Find(ns, key, MetadataSource.Stream) is not { } found)
        {
            Write(ns, key, new List<object?> { value });
        }
        else if (found is List<object?> list)
        {
            list.Add(value);
        }
        else
        {
            throw new InvalidOperationException($"the metadata '{ns}', '{key}' is no list");
        }
    }

    private void Write(string ns, string key, object value)
    {
        ArgumentException.ThrowIfNullOrEmpty(ns);
        ArgumentException.ThrowIfNullOrEmpty(key);
        _values[(ns, key)] = value;
    }
}
