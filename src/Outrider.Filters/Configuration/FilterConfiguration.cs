using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Outrider.Filters;

/// <summary>The <c>config</c> of one filter as it stands in the configuration: JSON text that a creator turns into an object.</summary>
public sealed class FilterConfiguration
{
    /// <param name="type">The name that the filter was asked for by.</param>
    /// <param name="json">UTF-8 JSON; empty when the entry has no <c>config</c>.</param>
    /// <param name="baseDirectory">Where relative paths start: the folder of the configuration file.</param>
    /// <param name="entry">The filter's whole entry, UTF-8 JSON; empty where there is none.</param>
    public FilterConfiguration(string type, ReadOnlyMemory<byte> json, string baseDirectory, ReadOnlyMemory<byte> entry = default)
    {
        Entry = entry;
        Type = type;
        Json = json;
        BaseDirectory = baseDirectory;
    }

    /// <summary>The name that the filter was asked for by.</summary>
    public string Type { get; }

    /// <summary>UTF-8 JSON; empty when the entry has no <c>config</c>.</summary>
    public ReadOnlyMemory<byte> Json { get; }

    /// <summary>The filter's whole entry in <c>stream_filters</c>, for a type whose entries have more members than <c>config</c>; UTF-8 JSON, empty where there is none.</summary>
    public ReadOnlyMemory<byte> Entry { get; }

    /// <summary>Where relative paths start: the folder of the configuration file.</summary>
    public string BaseDirectory { get; }

    /// <summary>Reads the configuration as <typeparamref name="T"/> and validates it (<see cref="IValidatable"/>). No <c>config</c> reads as <c>{}</c>.</summary>
    /// <exception cref="FilterConfigurationException">It does not fit; the path says where.</exception>
    public T Read<T>(JsonTypeInfo<T> typeInfo) => (T)Read((JsonTypeInfo)typeInfo);

    /// <summary>As <see cref="Read{T}"/>, for a type known at run time only.</summary>
    /// <exception cref="FilterConfigurationException">It does not fit; the path says where.</exception>
    public object Read(JsonTypeInfo typeInfo)
    {
        object? value;
        try
        {
            value = JsonSerializer.Deserialize(Json.IsEmpty ? "{}"u8 : Json.Span, typeInfo);
        }
        catch (JsonException e)
        {
            throw new FilterConfigurationException(e.Path ?? "$", Shorten(e.Message), e);
        }

        if (value is null)
        {
            throw new FilterConfigurationException("null where an object is wanted");
        }

        (value as IValidatable)?.Validate();
        return value;
    }

    // System.Text.Json appends " Path: $.x | LineNumber: 0 | …"; the path is reported properly, the rest is relative to a fragment.
    private static string Shorten(string message)
    {
        int tail = message.IndexOf(" Path: ", StringComparison.Ordinal);
        return tail < 0 ? message : message[..tail];
    }
}
