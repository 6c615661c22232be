using System.Text.Json.Serialization;
using Outrider.Filters;

namespace Outrider.Tests.Conformance;

/// <summary>What all streams of the scripted filter share.</summary>
public sealed class ScriptedConfig : IMetricsUser
{
    /// <summary>Steps that were told to count, by their name.</summary>
    internal FilterCounter Steps { get; private set; } = null!;

    /// <inheritdoc/>
    public void CreateMetrics(FilterMetrics metrics) => Steps = metrics.CreateCounter("conformance_steps", "step");
}

/// <summary>How the configuration is read, without reflection.</summary>
[JsonSerializable(typeof(ScriptedConfig))]
public sealed partial class ScriptedJson : JsonSerializerContext;
