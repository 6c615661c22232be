namespace Outrider.Configuration.Binding;

/// <summary>A field of a message in protobuf's text format.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Text">A scalar's text; null for a message.</param>
/// <param name="Fields">A message's fields; none for a scalar.</param>
internal sealed record MatchTextField(string Name, string? Text, IReadOnlyList<MatchTextField> Fields);
