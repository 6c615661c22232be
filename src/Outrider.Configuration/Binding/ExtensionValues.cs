using Outrider.Configuration.Json;
using Outrider.Configuration.Model;

namespace Outrider.Configuration.Binding;

/// <summary>Makes of what stands in a file what an extension is given of it.</summary>
internal static class ExtensionValues
{
    /// <summary>The value, for an extension.</summary>
    internal static ExtensionValue ToValue(this ConfigurationNode node) => new(node.Json, node);
}
