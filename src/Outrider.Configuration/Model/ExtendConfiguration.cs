namespace Outrider.Configuration.Model;

/// <summary>An entry of <c>extends</c>.</summary>
/// <param name="Type">Who it is for.</param>
/// <param name="Entry">The entry.</param>
/// <param name="Config">Its <c>config</c>, whatever that is; null for none.</param>
internal sealed record ExtendConfiguration(string Type, ExtensionValue Entry, ExtensionValue? Config);
