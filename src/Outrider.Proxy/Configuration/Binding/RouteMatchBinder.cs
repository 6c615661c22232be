using System.Text.RegularExpressions;
using Outrider.Proxy.Configuration.Model;

namespace Outrider.Proxy.Configuration.Binding;

/// <summary>Binds the <c>match</c> of a route.</summary>
internal static class RouteMatchBinder
{
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

        foreach (string key in (ReadOnlySpan<string>)["variables", "dsl_expressions"])
        {
            // MOSN looks at these only when there is no path to match; then leaving them out would match every request.
            if (!matchesPath && match.Array(key).Count > 0)
            {
                match.Error(key, "not supported yet, and without it this route would match every request");
            }
            else
            {
                match.Ignore(key);
            }
        }

        match.Finish();
        return new RouteMatchConfiguration { Prefix = prefix, Path = path, Regex = regex, Method = method, Headers = headers };
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
