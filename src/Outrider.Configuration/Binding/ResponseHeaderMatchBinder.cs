using System.Text.RegularExpressions;
using Outrider.Configuration.Model;

namespace Outrider.Configuration.Binding;

/// <summary>Binds Envoy's <c>HeaderMatcher</c> for a header of an answer: one match, or none for "it is there".</summary>
internal static class ResponseHeaderMatchBinder
{
    // Each with what stands before and behind the text.
    private static readonly (string Key, string Before, string After)[] s_texts = [("exact", "^", "\\z"), ("prefix", "^", ""), ("suffix", "", "\\z"), ("contains", "", "")];

    public static ResponseHeaderMatch? Bind(ObjectReader header)
    {
        string? name = header.RequiredText("name");
        var patterns = new List<Regex?>();
        Read(header, "_match", patterns);
        if (header.Object("string_match") is { } match)
        {
            Read(match, "", patterns);
            match.Finish();
        }

        // Inverting twice is not inverting.
        bool isPresent = header.Flag("present_match", true);
        bool isInverted = header.Flag("invert_match", false) != !isPresent;
        if (patterns.Count > 1 || (patterns.Count == 1 && !isPresent))
        {
            header.Problems.Error(header.Node, "wants one match");
        }

        header.Finish();
        bool isName = name is not null && HeaderMutationsBinder.IsName(header.Take("name")!, header.Problems);
        return isName ? new ResponseHeaderMatch(name!, patterns.FirstOrDefault(), isInverted) : null;
    }

    private static void Read(ObjectReader from, string suffix, List<Regex?> patterns)
    {
        bool ignoresCase = suffix.Length == 0 && from.Flag("ignore_case", false);
        foreach (var (key, before, after) in s_texts)
        {
            if (from.Text(key + suffix) is { } text)
            {
                patterns.Add(new Regex(before + Regex.Escape(text) + after, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | (ignoresCase ? RegexOptions.IgnoreCase : RegexOptions.None)));
            }
        }

        if (from.Object("safe_regex" + suffix) is { } regex)
        {
            if (regex.RequiredText("regex") is { } text)
            {
                patterns.Add(RouteMatchBinder.Compile(regex, "regex", $"^(?:{text})$"));
            }

            regex.Ignore("google_re2");
            regex.Finish();
        }
    }
}
