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

    private object? Find(string ns, string key, MetadataSource source) => source == MetadataSource.Stream ? _values.GetValueOrDefault((ns, key)) : null;

    private void Write(string ns, string key, object value)
    {
        ArgumentException.ThrowIfNullOrEmpty(ns);
        ArgumentException.ThrowIfNullOrEmpty(key);
        _values[(ns, key)] = value;
    }
}
