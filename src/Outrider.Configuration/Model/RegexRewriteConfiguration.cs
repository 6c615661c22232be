using System.Text.RegularExpressions;

namespace Outrider.Configuration.Model;

/// <summary>Rewrites every part of a path that matches.</summary>
/// <param name="Regex">The pattern.</param>
/// <param name="Substitution">What replaces a match, in .NET's notation (<see cref="Regex.Replace(string, string)"/>); the file's is Go's.</param>
internal sealed record RegexRewriteConfiguration(Regex Regex, string Substitution);
