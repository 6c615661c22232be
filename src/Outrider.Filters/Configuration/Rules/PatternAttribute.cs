using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Outrider.Filters;

/// <summary>What a whole text has to match: <c>[Pattern("[a-z]+")]</c>. <c>[RegularExpression]</c> says the same to others; reading it would bring regular expressions into every module (0.8 MB, measured).</summary>
/// <param name="pattern">An expression of .NET's that JSON Schema's (ECMAScript's) understand as well. It is for the whole text.</param>
public sealed class PatternAttribute([StringSyntax(StringSyntaxAttribute.Regex)] string pattern) : ConfigurationRuleAttribute
{
    /// <summary>The expression.</summary>
    public string Pattern { get; } = pattern;

    /// <summary>What is wanted, in words: <c>a name of letters and digits</c>. Default: text that matches the expression.</summary>
    public string? Wanted { get; init; }

    /// <inheritdoc/>
    public override string? Check(object value)
        => value is not string text ? "[Pattern] is for text"
            : Regex.IsMatch(text, Whole, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1)) ? null
            : $"found \"{text}\", wanted {Wanted ?? "text that matches " + Pattern}";

    /// <inheritdoc/>
    public override void Describe(JsonObject schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        schema["pattern"] = $"^(?:{Pattern})$";
    }

    // "$" alone would let a line's end pass behind the text.
    private string Whole => $@"\A(?:{Pattern})\z";
}
