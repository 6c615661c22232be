using System.Text.Json;

namespace Outrider.Filters;

/// <summary>A stream's metadata as one filter object reaches it; see <see cref="StreamFacade"/>.</summary>
internal sealed class MetadataFacade(StreamFacade stream) : StreamMetadata
{
    private StreamMetadata Here => stream.Stream.Metadata;

    public override string? GetText(string ns, string key, MetadataSource source = MetadataSource.Stream) => Here.GetText(ns, key, source);

    public override double? GetNumber(string ns, string key, MetadataSource source = MetadataSource.Stream) => Here.GetNumber(ns, key, source);

    public override bool? GetFlag(string ns, string key, MetadataSource source = MetadataSource.Stream) => Here.GetFlag(ns, key, source);

    public override void Set(string ns, string key, string value) => Here.Set(ns, key, value);

    public override void Set(string ns, string key, double value) => Here.Set(ns, key, value);

    public override void Set(string ns, string key, bool value) => Here.Set(ns, key, value);

    public override IReadOnlyList<object?>? GetList(string ns, string key, MetadataSource source = MetadataSource.Stream) => Here.GetList(ns, key, source);

    public override void Append(string ns, string key, string value) => Here.Append(ns, key, value);

    public override void Append(string ns, string key, double value) => Here.Append(ns, key, value);

    public override void Append(string ns, string key, bool value) => Here.Append(ns, key, value);

    public override void Merge(string ns, JsonElement values) => Here.Merge(ns, values);
}
