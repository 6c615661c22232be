using System.Text.RegularExpressions;

namespace Outrider.Configuration.Model;

/// <summary>One header that a request must have to match a route.</summary>
/// <param name="Name">The header's name, as it is written.</param>
/// <param name="Value">The value to compare exactly, or the pattern's text.</param>
/// <param name="Regex">The pattern that some part of the value must match; null to compare exactly.</param>
internal sealed record HeaderMatchConfiguration(string Name, string Value, Regex? Regex);
