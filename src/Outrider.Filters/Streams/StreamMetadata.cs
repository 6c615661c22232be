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
}
