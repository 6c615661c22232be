namespace Outrider.Configuration.Model;

/// <summary>Hosts that requests go to rather than to others, while enough of them are healthy (<c>zone_preference</c>).</summary>
/// <param name="Key">The key of hosts' metadata.</param>
/// <param name="Value">What preferred hosts have there.</param>
/// <param name="MinHealthyPercent">Per cent of them that have to be healthy. Default 70.</param>
internal sealed record ZonePreference(string Key, string Value, int MinHealthyPercent);
