using System.Text.RegularExpressions;

namespace Outrider.Configuration.Model;

/// <summary>One of a match's <c>variables</c>.</summary>
/// <param name="Name">The variable's name.</param>
/// <param name="Value">What it must be; null where <paramref name="Regex"/> says.</param>
/// <param name="Regex">What a part of it must match.</param>
/// <param name="OrNext">Is it enough that this one or the next matches (<c>model</c> <c>or</c>)?</param>
internal sealed record VariableMatchConfiguration(string Name, string? Value, Regex? Regex, bool OrNext);
