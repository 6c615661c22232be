namespace Outrider.Envoy.Generator;

/// <summary>What the generator needs to know of one class that it registers. Compares by value, so that an edit elsewhere writes nothing anew.</summary>
internal sealed record FilterClass(string Type, string Name, string Phase, string? Configuration, string? JsonContext, string? Problem, FilterLocation Location, PartKind Kind);
