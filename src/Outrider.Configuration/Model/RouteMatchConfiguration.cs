using System.Text;
using System.Text.RegularExpressions;

namespace Outrider.Configuration.Model;

/// <summary>
/// What a route matches. Of <see cref="Prefix"/>, <see cref="Path"/> and <see cref="Regex"/> one at most is set; with none of
/// them every path matches. All of <see cref="Headers"/> and <see cref="Method"/> must match as well.
/// </summary>
internal sealed record RouteMatchConfiguration
{
    /// <summary>What the path begins with, letter by letter.</summary>
    public string? Prefix { get; init; }

    /// <summary>The whole path, in any case of letters, as MOSN compares it.</summary>
    public string? Path { get; init; }

    /// <summary>A pattern that some part of the path matches; anchor it to match the whole.</summary>
    public Regex? Regex { get; init; }

    /// <summary>The request's method, compared exactly; null means any. MOSN's spelling is a header named <c>method</c>.</summary>
    public string? Method { get; init; }

    /// <summary>The headers that must be there.</summary>
    public IReadOnlyList<HeaderMatchConfiguration> Headers { get; init; } = [];

    /// <summary>Variables of the stream that must match. Default: none; not beside a path, headers or <see cref="Expressions"/>.</summary>
    public IReadOnlyList<VariableMatchConfiguration> Variables { get; init; } = [];

    /// <summary>Expressions that must be true. Default: none.</summary>
    public IReadOnlyList<Outrider.Expressions.Expression> Expressions { get; init; } = [];

    /// <summary>The match written out: <c>prefix /</c>, <c>path /a, header x-env: gray</c>.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(Prefix is not null ? "prefix " + Prefix : Path is not null ? "path " + Path : Regex is not null ? "regex " + Regex : "any path");
        if (Method is not null)
        {
            text.Append(", method ").Append(Method);
        }

        foreach (var variable in Variables)
        {
            text.Append(", variable ").Append(variable.Name);
        }

        foreach (var expression in Expressions)
        {
            text.Append(", ").Append(expression.Text);
        }

        foreach (HeaderMatchConfiguration header in Headers)
        {
            text.Append(", header ").Append(header.Name).Append(header.Regex is null ? ": " : " ~ ").Append(header.Value);
        }

        return text.ToString();
    }
}
