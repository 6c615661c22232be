using System.Text.Json;
using System.Text;
using Outrider.Envoy.Callbacks;
using Outrider.Envoy.Links;
using Outrider.Filters;
using AbiSource = Outrider.Modules.Abi.MetadataSource;

namespace Outrider.Envoy.Metadata;

/// <summary>Envoy's dynamic metadata, and what its configuration says of route, cluster and host.</summary>
internal sealed class EnvoyStreamMetadata(EnvoyLink link) : StreamMetadata
{
    public override string? GetText(string ns, string key, MetadataSource source = MetadataSource.Stream)
        => MetadataCallbacks.TryGetText(link.Pointer, (AbiSource)source, Bytes(ns), Bytes(key), out var value) ? Encoding.UTF8.GetString(value) : null;

    public override double? GetNumber(string ns, string key, MetadataSource source = MetadataSource.Stream)
        => MetadataCallbacks.TryGetNumber(link.Pointer, (AbiSource)source, Bytes(ns), Bytes(key), out double value) ? value : null;

    public override bool? GetFlag(string ns, string key, MetadataSource source = MetadataSource.Stream)
        => MetadataCallbacks.TryGetFlag(link.Pointer, (AbiSource)source, Bytes(ns), Bytes(key), out bool value) ? value : null;

    public override void Set(string ns, string key, string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        MetadataCallbacks.SetText(link.Pointer, Bytes(ns), Bytes(key), Encoding.UTF8.GetBytes(value));
    }

    public override void Set(string ns, string key, double value) => MetadataCallbacks.SetNumber(link.Pointer, Bytes(ns), Bytes(key), value);

    public override void Set(string ns, string key, bool value) => MetadataCallbacks.SetFlag(link.Pointer, Bytes(ns), Bytes(key), value);

    public override IReadOnlyList<object?>? GetList(string ns, string key, MetadataSource source = MetadataSource.Stream)
    {
        byte[] space = Bytes(ns), name = Bytes(key);
        nint filter = link.Pointer;
        int count = MetadataListCallbacks.Count(filter, (AbiSource)source, space, name);
        if (count < 0)
        {
            return null;
        }

        var list = new object?[count];
        for (int i = 0; i < count; i++)
        {
            list[i] = MetadataListCallbacks.Get(filter, (AbiSource)source, space, name, i);
        }

        return list;
    }

    public override void Append(string ns, string key, string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        ThrowUnlessAdded(MetadataListCallbacks.AddText(link.Pointer, Bytes(ns), Bytes(key), Encoding.UTF8.GetBytes(value)), ns, key);
    }

    public override void Append(string ns, string key, double value) => ThrowUnlessAdded(MetadataListCallbacks.AddNumber(link.Pointer, Bytes(ns), Bytes(key), value), ns, key);

    public override void Append(string ns, string key, bool value) => ThrowUnlessAdded(MetadataListCallbacks.AddFlag(link.Pointer, Bytes(ns), Bytes(key), value), ns, key);

    public override void Merge(string ns, JsonElement values)
    {
        if (values.ValueKind != JsonValueKind.Object)
        {
            throw new ArgumentException("metadata is a JSON object", nameof(values));
        }

        MetadataListCallbacks.Merge(link.Pointer, Bytes(ns), StructWriter.Write(values));
    }

    private static void ThrowUnlessAdded(bool added, string ns, string key)
    {
        if (!added)
        {
            throw new InvalidOperationException($"the metadata '{ns}', '{key}' is no list");
        }
    }

    private static byte[] Bytes(string text)
    {
        ArgumentException.ThrowIfNullOrEmpty(text);
        return Encoding.UTF8.GetBytes(text);
    }
}
