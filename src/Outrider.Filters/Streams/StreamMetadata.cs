using System.Text.Json;

namespace Outrider.Filters;

/// <summary>
/// Values that travel with a stream, by namespace and key: later filters read them, routing can depend on them (a route's
/// subset of hosts), access logs write them. On the stream's loop thread alone.
/// </summary>
public abstract class StreamMetadata
{
    /// <summary>Text; null when there is none of that name, or it is no text.</summary>
    public abstract string? GetText(string ns, string key, MetadataSource source = MetadataSource.Stream);

    /// <summary>A number; null when there is none of that name, or it is no number.</summary>
    public abstract double? GetNumber(string ns, string key, MetadataSource source = MetadataSource.Stream);

    /// <summary>True or false; null when there is none of that name, or it is neither.</summary>
    public abstract bool? GetFlag(string ns, string key, MetadataSource source = MetadataSource.Stream);

    /// <summary>Sets text on the stream.</summary>
    public abstract void Set(string ns, string key, string value);

    /// <summary>Sets a number on the stream.</summary>
    public abstract void Set(string ns, string key, double value);

    /// <summary>Sets true or false on the stream.</summary>
    public abstract void Set(string ns, string key, bool value);

    /// <summary>
    /// A list: texts, numbers (<see cref="double"/>) and flags in order, null for an element that is something else. A copy;
    /// null when there is none of that name, or it is no list.
    /// </summary>
    /// <exception cref="NotSupportedException">This base has no lists.</exception>
    public virtual IReadOnlyList<object?>? GetList(string ns, string key, MetadataSource source = MetadataSource.Stream) => throw NoLists();

    /// <summary>Adds text to a list on the stream, which this begins where there is none.</summary>
    /// <exception cref="InvalidOperationException">There is something of that name that is no list.</exception>
    /// <exception cref="NotSupportedException">This base has no lists.</exception>
    public virtual void Append(string ns, string key, string value) => throw NoLists();

    /// <summary>As <see cref="Append(string, string, string)"/>, a number.</summary>
    public virtual void Append(string ns, string key, double value) => throw NoLists();

    /// <summary>As <see cref="Append(string, string, string)"/>, true or false.</summary>
    public virtual void Append(string ns, string key, bool value) => throw NoLists();

    /// <summary>
    /// Sets several values of a namespace at once: every member of a JSON object, objects and lists in it included, in the
    /// place of what was there under its name. What lies in an object is for access logs and the base's own filters; the
    /// methods here read the top level alone.
    /// </summary>
    /// <exception cref="ArgumentException">It is no object.</exception>
    /// <exception cref="NotSupportedException">This base has no structures.</exception>
    public virtual void Merge(string ns, JsonElement values) => throw new NotSupportedException("this base has no structured metadata");

    private static NotSupportedException NoLists() => new("this base has no lists in its metadata");
}
