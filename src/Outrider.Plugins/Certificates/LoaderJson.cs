using System.Text.Json.Serialization;

namespace Outrider.Plugins.Certificates;

/// <summary>Reads the provider's configuration, and the plugin's answers.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(LoaderConfig))]
[JsonSerializable(typeof(LoadedCertificate))]
internal sealed partial class LoaderJson : JsonSerializerContext;
