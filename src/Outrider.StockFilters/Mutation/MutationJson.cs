using System.Text.Json.Serialization;

namespace Outrider.StockFilters.Mutation;

/// <summary>Reads the configuration of <c>header_mutation</c> without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(HeaderMutationConfig))]
public sealed partial class MutationJson : JsonSerializerContext;
