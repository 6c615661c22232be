namespace Outrider.Filters;

/// <summary>A stream filter as a registry has it: the same object when it is taken out and put back, by which what was made from it is known.</summary>
/// <param name="Creator">Makes a listener's factory.</param>
/// <param name="RouteReader">Reads what a route configures; null where it can have nothing.</param>
internal sealed record StreamFilterRegistration(StreamFilterCreator Creator, Func<FilterConfiguration, object>? RouteReader);
