using System.Text.Json.Serialization;

namespace Outrider.Tests.Conformance;

/// <summary>Which of the two filters of a chain this is.</summary>
public sealed class PairedConfig
{
    /// <summary><c>a</c> for the first of the chain, <c>b</c> for the second.</summary>
    public string Place { get; set; } = "";
}

/// <summary>How the configuration is read, without reflection.</summary>
[JsonSerializable(typeof(PairedConfig))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
public sealed partial class PairedJson : JsonSerializerContext;
