using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Outrider.Filters;

/// <summary>The <c>config</c> of one filter as it stands in the configuration: JSON text that a creator turns into an object.</summary>
public sealed class FilterConfiguration
{
    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

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

    private FilterConfiguration(string type, ReadOnlyMemory<byte> bytes, string baseDirectory, bool isRaw) : this(type, bytes, baseDirectory) => IsRaw = isRaw;

    /// <summary>A configuration that reached the base as mere bytes, which may be JSON or not (Envoy's <c>StringValue</c> and <c>BytesValue</c>).</summary>
    public static FilterConfiguration FromBytes(string type, ReadOnlyMemory<byte> bytes, string baseDirectory, FilterMetrics? metrics = null)
        => new(type, bytes, baseDirectory, isRaw: true) { Metrics = metrics ?? FilterMetrics.None };

    /// <summary>Makes the filter's metrics. Default: ones that count nothing.</summary>
    public FilterMetrics Metrics { get; init; } = FilterMetrics.None;

    /// <summary>True when <see cref="Json"/> holds bytes as they were given, of which nobody said that they are JSON.</summary>
    public bool IsRaw { get; }

    /// <summary>The name that the filter was asked for by.</summary>
    public string Type { get; }

    /// <summary>UTF-8 JSON; empty when the entry has no <c>config</c>.</summary>
    public ReadOnlyMemory<byte> Json { get; }

    /// <summary>The filter's whole entry in <c>stream_filters</c>, for a type whose entries have more members than <c>config</c>; UTF-8 JSON, empty where there is none.</summary>
    public ReadOnlyMemory<byte> Entry { get; }

    /// <summary>Told of keys without effect (<see cref="IExcuser"/>): path and reason. Default: nobody is.</summary>
    public Action<string, string>? OnExcused { get; init; }

    /// <summary>
    /// Has the base phases behind the route and behind the choice of a host, and hosts to send copies to, as our own engine? A filter that cannot do
    /// without them says so when it reads this. Default false.
    /// </summary>
    public bool HasHosts { get; init; }

    /// <summary>Told of the types that the configuration is read as, before it is. Null: nobody is.</summary>
    internal Action<JsonTypeInfo>? OnRead { get; init; }

    /// <summary>Where relative paths start: the folder of the configuration file.</summary>
    public string BaseDirectory { get; }

    /// <summary>The time, and timers, for what a factory does apart from streams (<see cref="StreamContext.Time"/>). Default: the system's.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Where a filter that asks a plugin in another process gets it. Default: a registry that says that there are none.</summary>
    public IPluginRegistry Plugins { get; init; } = NoPlugins.Instance;

    /// <summary>The metadata drivers that the configuration can name: those of the registry that the filter was found in. Default: none.</summary>
    public MetadataDriverRegistry MetadataDrivers { get; internal set; } = new();

    /// <summary>The transcoders that the configuration can name: those of the registry that the filter was found in. Default: none.</summary>
    public TranscoderRegistry Transcoders { get; internal set; } = new();

    /// <summary>Where it is noted what it uses beside its text; null for nowhere.</summary>
    internal ConfigurationUses? Uses { get; set; }

    /// <summary>Reads the configuration as <typeparamref name="T"/> and validates it (<see cref="ConfigurationRules"/>, <see cref="IValidatable"/>, then <see cref="IFileUser"/>). No <c>config</c> reads as <c>{}</c>.</summary>
    /// <exception cref="FilterConfigurationException">It does not fit; the path says where.</exception>
    public T Read<T>(JsonTypeInfo<T> typeInfo) => (T)Read((JsonTypeInfo)typeInfo);

    /// <summary>As <see cref="Read{T}"/>, for a type known at run time only.</summary>
    /// <exception cref="FilterConfigurationException">It does not fit; the path says where.</exception>
    public object Read(JsonTypeInfo typeInfo)
    {
        OnRead?.Invoke(typeInfo);
        try
        {
            return ReadAsSpelled(typeInfo);
        }
        catch (FilterConfigurationException e) when (!e.IsInEntry && PathSpelling.In(Json, e.Path) is var path && path != e.Path)
        {
            throw new FilterConfigurationException(path, e.Message, e);
        }
    }

    /// <summary>For a filter that has nothing to do without hosts: <see cref="HasHosts"/>.</summary>
    /// <exception cref="FilterConfigurationException">This base has none to give.</exception>
    public void RequireHosts()
    {
        if (!HasHosts)
        {
            throw new FilterConfigurationException("$", $"'{Type}' needs the hosts of clusters, which this base does not give: it runs in Outrider's own proxy alone");
        }
    }

    /// <summary>For a filter that takes no configuration: none, <c>null</c>, <c>{}</c> and an empty text are all the same to it.</summary>
    /// <exception cref="FilterConfigurationException">There is one nevertheless, which would be without effect.</exception>
    public void RequireNone()
    {
        var text = Json.Span.Trim(" \t\r\n"u8);
        if (text.IsEmpty || text.SequenceEqual("null"u8) || text.SequenceEqual("\"\""u8) || (text[0] == '{' && text[1..].Trim(" \t\r\n"u8).SequenceEqual("}"u8)))
        {
            return;
        }

        throw new FilterConfigurationException("$", $"'{Type}' takes no configuration");
    }

    /// <summary>The configuration as text: a JSON string's characters, anything else as it is written. Empty when there is none.</summary>
    /// <exception cref="FilterConfigurationException">It is not UTF-8.</exception>
    public string ReadText()
    {
        try
        {
            return !IsRaw && Json.Span is [(byte)'"', ..] ? ReadString() : s_strict.GetString(Json.Span);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or DecoderFallbackException)
        {
            throw new FilterConfigurationException("$", "not UTF-8 text", e);
        }
    }

    /// <summary>The configuration as bytes: those of a JSON string's characters in UTF-8, anything else as it is written. Empty when there is none.</summary>
    public byte[] ReadBytes() => !IsRaw && Json.Span is [(byte)'"', ..] ? Encoding.UTF8.GetBytes(ReadText()) : Json.ToArray();

    private object ReadAsSpelled(JsonTypeInfo typeInfo)
    {
        var type = DurationReading.Of(typeInfo);
        object? value;
        try
        {
            value = JsonSerializer.Deserialize(Json.IsEmpty ? "{}"u8 : Json.Span, type);
        }
        catch (JsonException e)
        {
            throw new FilterConfigurationException(e.Path ?? "$", Shorten(e.Message), e);
        }

        if (value is null)
        {
            throw new FilterConfigurationException("null where an object is wanted");
        }

        ConfigurationRules.Check(value, type);
        (value as IValidatable)?.Validate();
        (value as IFileUser)?.ReadFiles(new ConfigurationFiles(BaseDirectory) { Uses = Uses });
        (value as IMetadataDriverUser)?.CreateDrivers(MetadataDrivers, BaseDirectory);
        (value as IMetricsUser)?.CreateMetrics(Metrics);
        if (OnExcused is { } excuse)
        {
            (value as IExcuser)?.Excuse((path, reason) =>
            {
                string spelled = PathSpelling.In(Json, path);
                Uses?.AddExcuse(spelled, reason);
                excuse(spelled, reason);
            });
        }

        return value;
    }

    private string ReadString()
    {
        var reader = new Utf8JsonReader(Json.Span);
        _ = reader.Read();
        return reader.GetString()!;
    }

    // System.Text.Json appends " Path: $.x | LineNumber: 0 | …"; the path is reported properly, the rest is relative to a fragment.
    private static string Shorten(string message)
    {
        int tail = message.IndexOf(" Path: ", StringComparison.Ordinal);
        return tail < 0 ? message : message[..tail];
    }
}
