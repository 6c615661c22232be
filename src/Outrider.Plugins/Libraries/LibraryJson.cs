using System.Text.Json.Serialization;

namespace Outrider.Plugins.Libraries;

/// <summary>How the admin API writes what it says of assemblies.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(IEnumerable<LibraryView>))]
internal sealed partial class LibraryJson : JsonSerializerContext;
