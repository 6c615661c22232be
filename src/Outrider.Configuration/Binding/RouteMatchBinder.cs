using System.Text.RegularExpressions;
using Outrider.Configuration.Model;
using Outrider.Expressions;
using Outrider.Expressions.Values;

namespace Outrider.Configuration.Binding;

/// <summary>Binds the <c>match</c> of a route.</summary>
internal static class RouteMatchBinder
{
    private static readonly Dictionary<string, bool> s_models = new(StringComparer.OrdinalIgnoreCase) { ["and"] = false, ["or"] = true };

    public static RouteMatchConfiguration Bind(ObjectReader match)
    {
        string? prefix = match.Text("prefix");
        string? path = match.Text("path");
        Regex? regex = match.Text("regex") is { } pattern ? Compile(match, "regex", pattern) : null;

        // MOSN's order: prefix, path, regex.
        Passed(match, "path", prefix is not null && path is not null, "prefix");
        Passed(match, "regex", (prefix ?? path) is not null && regex is not null, prefix is not null ? "prefix" : "path");
        path = prefix is null ? path : null;
        regex = (prefix ?? path) is null ? regex : null;

        bool matchesPath = (prefix ?? path) is not null || match.Text("regex") is not null;
        string? method = null;
        List<HeaderMatchConfiguration> headers = [];
        foreach (ObjectReader header in match.Objects("headers"))
        {
            string? name = header.RequiredText("name");
            string value = header.Text("value") ?? "";
            bool isRegex = header.Flag("regex", false);
            if (name == "method" && matchesPath)
            {
                // MOSN compares the request's method here, always exactly.
                method = value;
                if (isRegex)
                {
                    header.Warning("regex", "a method is compared exactly; this is ignored");
                }
            }
            else if (name is not null && HeaderMutationsBinder.IsName(header.Take("name")!, match.Problems))
            {
                headers.Add(new HeaderMatchConfiguration(name, value, isRegex ? Compile(header, "value", value) : null));
            }

            header.Finish();
        }

        if (!matchesPath)
        {
            OpenService(headers);
        }

        var variables = Variables(match);
        var expressions = Expressions(match);
        if (matchesPath || variables.Count > 0)
        {
            // MOSN's order: a path, then variables, then expressions; each of them alone.
            Passed(match, "variables", matchesPath && variables.Count > 0, "the path");
            Passed(match, "dsl_expressions", expressions.Count > 0, matchesPath ? "the path" : "variables");
            variables = matchesPath ? [] : variables;
            expressions = [];
        }

        if (variables.Count + expressions.Count > 0)
        {
            Passed(match, "headers", headers.Count > 0, variables.Count > 0 ? "variables" : "dsl_expressions");
            headers = [];
        }

        match.Finish();
        return new RouteMatchConfiguration { Prefix = prefix, Path = path, Regex = regex, Method = method, Headers = headers, Variables = variables, Expressions = expressions };
    }

    private static List<VariableMatchConfiguration> Variables(ObjectReader match)
    {
        List<VariableMatchConfiguration> variables = [];
        foreach (ObjectReader item in match.Objects("variables"))
        {
            string? name = item.RequiredText("name");
            string? value = item.Text("value");
            var regex = item.Text("regex") is { } pattern ? Compile(item, "regex", pattern) : null;
            bool isOr = item.Choice("model", false, s_models);
            if (value is null && item.Text("regex") is null)
            {
                item.Problems.Error(item.Node, "wants a value or a regex to compare with");
            }

            Passed(item, "value", value is not null && regex is not null, "regex");
            item.Finish();
            if (name is not null)
            {
                variables.Add(new VariableMatchConfiguration(name, value, regex, isOr));
            }
        }

        return variables;
    }

    private static List<Expression> Expressions(ObjectReader match)
    {
        List<Expression> expressions = [];
        foreach (ObjectReader item in match.Objects("dsl_expressions"))
        {
            if (item.RequiredText("expression") is { } text)
            {
                try
                {
                    var expression = Expression.Compile(text);
                    if (expression.Kind == ValueKind.Flag)
                    {
                        expressions.Add(expression);
                    }
                    else
                    {
                        item.Error("expression", "is neither true nor false");
                    }
                }
                catch (FormatException e)
                {
                    item.Error("expression", e.Message);
                }
            }

            item.Finish();
        }

        return expressions;
    }

    /// <summary>The pattern under a key; null, and an error, when it is not valid.</summary>
    public static Regex? Compile(ObjectReader reader, string key, string pattern)
    {
        Regex? regex = GoRegex.Compile(pattern, out string error);
        if (regex is null)
        {
            reader.Error(key, "not a valid regular expression: " + error.ReplaceLineEndings(" "));
        }

        return regex;
    }

    private static void Passed(ObjectReader match, string key, bool isPassed, string winner)
    {
        if (isPassed)
        {
            match.Warning(key, $"stands beside {winner}, which wins");
        }
    }

    // MOSN's old spelling of "any service": a lone header "service" with the value ".*" and no "regex", which means that it is not empty.
    private static void OpenService(List<HeaderMatchConfiguration> headers)
    {
        if (headers is [{ Name: "service", Value: ".*", Regex: null }])
        {
            headers[0] = new HeaderMatchConfiguration("service", ".+", GoRegex.Compile(".+", out _));
        }
    }
}
