namespace Outrider.Configuration.Model;

/// <summary>A header to add.</summary>
/// <param name="Name">A token.</param>
/// <param name="Value">The value.</param>
/// <param name="Append">True (the default) to join a value that is there already with a comma, false to replace it.</param>
internal sealed record HeaderAddition(string Name, string Value, bool Append);
