using System.Text;
using Outrider.Envoy.Callbacks;
using Outrider.Filters;

namespace Outrider.Envoy.Streams;

/// <summary>Envoy's dynamic metadata, and what its configuration says of route, cluster and host.</summary>
internal sealed class EnvoyStreamMetadata(EnvoyStream stream) : StreamMetadata
{
    public override string? GetText(string ns, string key, MetadataSource source = MetadataSource.Stream)
        => MetadataCallbacks.TryGetText(stream.Pointer, (Abi.MetadataSource)source, Bytes(ns), Bytes(key), out var value) ? Encoding.UTF8.GetString(value) : null;

    public override double? GetNumber(string ns, string key, MetadataSource source = MetadataSource.Stream)
        => MetadataCallbacks.TryGetNumber(stream.Pointer, (Abi.MetadataSource)source, Bytes(ns), Bytes(key), out double value) ? value : null;

    public override bool? GetFlag(string ns, string key, MetadataSource source = MetadataSource.Stream)
        => MetadataCallbacks.TryGetFlag(stream.Pointer, (Abi.MetadataSource)source, Bytes(ns), Bytes(key), out bool value) ? value : null;

    public override void Set(string ns, string key, string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        MetadataCallbacks.SetText(stream.Pointer, Bytes(ns), Bytes(key), Encoding.UTF8.GetBytes(value));
    }

    public override void Set(string ns, string key, double value) => MetadataCallbacks.SetNumber(stream.Pointer, Bytes(ns), Bytes(key), value);

    public override void Set(string ns, string key, bool value) => MetadataCallbacks.SetFlag(stream.Pointer, Bytes(ns), Bytes(key), value);

    private static byte[] Bytes(string text)
    {
        ArgumentException.ThrowIfNullOrEmpty(text);
        return Encoding.UTF8.GetBytes(text);
    }
}
