using System.Globalization;
using Outrider.Filters;

namespace Outrider.Proxy.Streams;

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

    internal void Clear() => _values.Clear();

    /// <summary>Adds what is set under the names that Envoy's and MOSN's balancers look at; what is there under the same key is replaced.</summary>
    internal void AddSubset(List<KeyValuePair<string, string>> wanted)
    {
        foreach (var ((ns, key), value) in _values)
        {
            if (ns is not ("envoy.lb" or "mosn.lb"))
            {
                continue;
            }

            string text = value as string ?? (value is bool flag ? flag ? "true" : "false" : ((double)value).ToString(CultureInfo.InvariantCulture));
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

    private void Write(string ns, string key, object value)
    {
        ArgumentException.ThrowIfNullOrEmpty(ns);
        ArgumentException.ThrowIfNullOrEmpty(key);
        _values[(ns, key)] = value;
    }
}
