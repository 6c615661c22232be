using System.Text.Json;
using System.Text.Json.Serialization;

namespace Outrider.Proxy.Listening;

/// <summary>How the configurations of listener filters are read: an unknown key is an error.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.General, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, PropertyNameCaseInsensitive = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(OriginalDestinationOptions))]
[JsonSerializable(typeof(ProxyProtocolOptions))]
internal sealed partial class ListeningJson : JsonSerializerContext;
