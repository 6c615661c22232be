using System.Globalization;
using System.Text.RegularExpressions;

namespace Outrider.Tests.Upstream;

/// <summary>What the proxy has written of the requests: a line of the access log for each, and lines of the error log for what went wrong.</summary>
internal sealed partial class ChaosLog
{
    /// <summary>The access log's <c>log_format</c>.</summary>
    internal const string Format = "%stream_id% %response_code% %response_flags% %end_reason% %request_path_original%";

    private readonly HashSet<string> _named = [];

    private ChaosLog(string access, string errors)
    {
        foreach (string line in File.ReadLines(errors))
        {
            if (StreamOf().Match(line) is { Success: true } match)
            {
                _named.Add(match.Groups[1].Value);
            }
            else if (UpstreamLine().IsMatch(line))
            {
                UpstreamLines += 1 + (LeftOut().Match(line) is { Success: true } others ? long.Parse(others.Groups[1].Value, CultureInfo.InvariantCulture) : 0);
            }
        }

        foreach (string line in File.ReadLines(access))
        {
            string[] words = line.Split(' ');
            if (words[4] == "/ready")
            {
                continue;
            }

            Lines++;
            if (words[1] == "200" && words[3] == "complete")
            {
                Good++;
            }
            else
            {
                string token = words[4][(words[4].LastIndexOf('/') + 1)..];
                Assert.True(Others.TryAdd(token, new(words[0][2..], words[1], words[2], words[3])), $"{token} was written twice");
            }
        }
    }

    /// <summary>What a line of the access log says.</summary>
    internal readonly record struct Line(string Stream, string Status, string Flags, string End)
    {
        /// <summary>Is it what the client has seen?</summary>
        internal bool Is(int outcome) => outcome == ChaosOutcomes.Closed ? End != "complete" : End == "complete" && Status == outcome.ToString(CultureInfo.InvariantCulture);

        /// <summary>Has a wait, or a connection that broke off, made it what it is, of which the error log has a line for each request?</summary>
        internal bool IsOfUpstream => (Flags.Contains("UT", StringComparison.Ordinal) || Flags.Contains("UC", StringComparison.Ordinal) || Flags.Contains("UPE", StringComparison.Ordinal))
            && !Flags.Contains("UF", StringComparison.Ordinal);
    }

    /// <summary>Lines of the access log.</summary>
    internal long Lines { get; }

    /// <summary>Of whole answers with 200.</summary>
    internal long Good { get; }

    /// <summary>The others, by what requests are known by.</summary>
    internal Dictionary<string, Line> Others { get; } = [];

    /// <summary>Lines of the error log about hosts to which there was no connection, with those that it says were left out.</summary>
    internal long UpstreamLines { get; }

    internal static ChaosLog Read(string access, string errors) => new(access, errors);

    /// <summary>Has the error log a line of the request's own?</summary>
    internal bool Names(Line line) => _named.Contains(line.Stream);

    [GeneratedRegex(@"\[WARN\] \[([0-9a-f]+)\] ")]
    private static partial Regex StreamOf();

    [GeneratedRegex(@"\[WARN\] upstream ")]
    private static partial Regex UpstreamLine();

    [GeneratedRegex(@"\(([0-9]+) lines like it were left out\)")]
    private static partial Regex LeftOut();
}
