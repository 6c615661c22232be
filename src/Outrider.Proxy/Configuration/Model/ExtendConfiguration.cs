using Outrider.Proxy.Configuration.Json;

namespace Outrider.Proxy.Configuration.Model;

/// <summary>An entry of <c>extends</c>.</summary>
/// <param name="Type">Who it is for.</param>
/// <param name="Node">The entry.</param>
/// <param name="ConfigNode">Its <c>config</c>, whatever that is; null for none.</param>
internal sealed record ExtendConfiguration(string Type, ConfigurationNode Node, ConfigurationNode? ConfigNode);
