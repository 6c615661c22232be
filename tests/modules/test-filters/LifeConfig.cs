using System.Text.Json.Serialization;
using Outrider.Filters;

namespace Outrider.Tests.Modules;

/// <summary>Counts itself while it lives.</summary>
public sealed class LifeConfig : IDisposable, IValidatable, IMetricsUser
{
    /// <summary>What the filter writes to a request.</summary>
    public string Version { get; set; } = "";

    /// <summary>Collects on every request.</summary>
    public bool Collect { get; set; }

    /// <summary>Waits so long, at random, in each direction.</summary>
    public int MaxDelayMs { get; set; }

    internal FilterCounter? Requests { get; private set; }

    internal FilterGauge? Live { get; private set; }

    internal FilterHistogram? Sizes { get; private set; }

    /// <inheritdoc/>
    public void CreateMetrics(FilterMetrics metrics)
    {
        Requests = metrics.CreateCounter("life_requests", "version");
        Live = metrics.CreateGauge("life_live");
        Sizes = metrics.CreateHistogram("life_sizes");
    }

    /// <inheritdoc/>
    public void Validate()
    {
        if (Version == "bad")
        {
            throw new FilterConfigurationException("$.version", "'bad' is not a version");
        }

        Interlocked.Increment(ref Life.Configurations);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Interlocked.Decrement(ref Life.Configurations);
        Interlocked.Increment(ref Life.Disposed);
    }
}

/// <summary>Reads the configuration without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(LifeConfig))]
public sealed partial class LifeJson : JsonSerializerContext;
