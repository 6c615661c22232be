using System.Globalization;
using System.Net;
using System.Net.Mail;
using System.Text.RegularExpressions;
using Outrider.Expressions.Values;
using Outrider.Filters;

namespace Outrider.Expressions.Binding;

/// <summary>The functions of CEL and of MOSN's <c>pkg/cel/ext</c>, called as <c>f(a, b)</c> or <c>a.f(b)</c>.</summary>
internal static class Functions
{
    private static readonly Function[] s_all = [.. Texts(), .. Conversions(), .. Addresses(), .. Times(), .. Effects()];

    /// <summary>The function of that name for values of these kinds; null where there is none.</summary>
    internal static Function? Find(string name, IReadOnlyList<ValueKind> kinds)
        => Array.Find(s_all, function => function.Name == name && function.Arguments.AsSpan().SequenceEqual([.. kinds]));

    /// <summary>Is there a function of that name?</summary>
    internal static bool IsKnown(string name) => Array.Exists(s_all, function => function.Name == name);

    private static IEnumerable<Function> Texts()
    {
        ValueKind[] one = [ValueKind.Text], two = [ValueKind.Text, ValueKind.Text];
        yield return new("match", two, ValueKind.Flag, static (_, v) => Value.Of(Matches(v[0].Text, v[1].Text)));
        yield return new("matches", two, ValueKind.Flag, static (_, v) => Value.Of(Regex.IsMatch(v[0].Text, v[1].Text, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant)));
        yield return new("contains", two, ValueKind.Flag, static (_, v) => Value.Of(v[0].Text.Contains(v[1].Text, StringComparison.Ordinal)));
        yield return new("startsWith", two, ValueKind.Flag, static (_, v) => Value.Of(v[0].Text.StartsWith(v[1].Text, StringComparison.Ordinal)));
        yield return new("endsWith", two, ValueKind.Flag, static (_, v) => Value.Of(v[0].Text.EndsWith(v[1].Text, StringComparison.Ordinal)));
        yield return new("indexOf", two, ValueKind.Integer, static (_, v) => Value.Of((long)v[0].Text.IndexOf(v[1].Text, StringComparison.Ordinal)));
        yield return new("lastIndexOf", two, ValueKind.Integer, static (_, v) => Value.Of((long)v[0].Text.LastIndexOf(v[1].Text, StringComparison.Ordinal)));
        yield return new("size", one, ValueKind.Integer, static (_, v) => Value.Of((long)v[0].Text.EnumerateRunes().Count()));
        yield return new("reverse", one, ValueKind.Text, static (_, v) => Value.Of(string.Concat(v[0].Text.EnumerateRunes().Reverse())));
        yield return new("trim", one, ValueKind.Text, static (_, v) => Value.Of(v[0].Text.Trim()));
        foreach (string lower in (string[])["toLower", "lowerAscii"])
        {
            yield return new(lower, one, ValueKind.Text, static (_, v) => Value.Of(v[0].Text.ToLowerInvariant()));
        }

        foreach (string upper in (string[])["toUpper", "upperAscii"])
        {
            yield return new(upper, one, ValueKind.Text, static (_, v) => Value.Of(v[0].Text.ToUpperInvariant()));
        }

        yield return new("charAt", [ValueKind.Text, ValueKind.Integer], ValueKind.Text, static (_, v) => Value.Of(v[1].Integer == v[0].Text.Length ? "" : v[0].Text.Substring((int)v[1].Integer, 1)));
        yield return new("substring", [ValueKind.Text, ValueKind.Integer], ValueKind.Text, static (_, v) => Value.Of(v[0].Text[(int)v[1].Integer..]));
        yield return new("substring", [ValueKind.Text, ValueKind.Integer, ValueKind.Integer], ValueKind.Text, static (_, v) => Value.Of(v[0].Text[(int)v[1].Integer..(int)v[2].Integer]));
        yield return new("replace", [ValueKind.Text, ValueKind.Text, ValueKind.Text], ValueKind.Text, static (_, v) => Value.Of(v[0].Text.Replace(v[1].Text, v[2].Text, StringComparison.Ordinal)));
        yield return new("conditionalString", [ValueKind.Flag, ValueKind.Text, ValueKind.Text], ValueKind.Text, static (_, v) => v[0].Flag ? v[1] : v[2]);
    }

    private static IEnumerable<Function> Conversions()
    {
        foreach (var kind in (ValueKind[])[ValueKind.Text, ValueKind.Integer, ValueKind.Number, ValueKind.Flag, ValueKind.Duration, ValueKind.Time, ValueKind.Address, ValueKind.Uri])
        {
            yield return new("string", [kind], ValueKind.Text, static (_, v) => Value.Of(v[0].ToString()));
        }

        yield return new("int", [ValueKind.Integer], ValueKind.Integer, static (_, v) => v[0]);
        yield return new("int", [ValueKind.Number], ValueKind.Integer, static (_, v) => Value.Of(checked((long)v[0].Number)));
        yield return new("int", [ValueKind.Text], ValueKind.Integer, static (_, v) => Value.Of(long.Parse(v[0].Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture)));
        yield return new("double", [ValueKind.Integer], ValueKind.Number, static (_, v) => Value.Of((double)v[0].Integer));
        yield return new("double", [ValueKind.Number], ValueKind.Number, static (_, v) => v[0]);
        yield return new("double", [ValueKind.Text], ValueKind.Number, static (_, v) => Value.Of(double.Parse(v[0].Text, NumberStyles.Float, CultureInfo.InvariantCulture)));
        yield return new("emptyStringMap", [], ValueKind.Map, static (_, _) => Value.Default(ValueKind.Map));
    }

    private static IEnumerable<Function> Addresses()
    {
        ValueKind[] one = [ValueKind.Text];
        yield return new("ip", one, ValueKind.Address, static (_, v) => Value.Of(IPAddress.TryParse(v[0].Text, out var address) ? address : null));
        yield return new("uri", one, ValueKind.Uri, static (_, v) => Value.Written(ValueKind.Uri, Canonical(v[0].Text)));
        yield return new("dnsName", one, ValueKind.DnsName, static (_, v) => Value.Written(ValueKind.DnsName, Domain(v[0].Text)));
        yield return new("email", one, ValueKind.Email, static (_, v) => Value.Written(ValueKind.Email, Mail(v[0].Text)));
    }

    private static IEnumerable<Function> Times()
    {
        yield return new("duration", [ValueKind.Duration], ValueKind.Duration, static (_, v) => v[0]);
        yield return new("duration", [ValueKind.Text], ValueKind.Duration, static (_, v) => GoDuration.TryParse(v[0].Text, out var duration) ? Value.Of(duration) : Value.Error($"'{v[0].Text}' is no duration"));
        yield return new("timestamp", [ValueKind.Text], ValueKind.Time, static (_, v) => Value.Of(DateTimeOffset.Parse(v[0].Text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal).UtcDateTime));
        foreach (var (name, part) in ((string, Func<DateTime, int>)[])[("getFullYear", static t => t.Year), ("getMonth", static t => t.Month - 1), ("getDate", static t => t.Day),
            ("getDayOfMonth", static t => t.Day - 1), ("getDayOfWeek", static t => (int)t.DayOfWeek), ("getDayOfYear", static t => t.DayOfYear - 1), ("getHours", static t => t.Hour),
            ("getMinutes", static t => t.Minute), ("getSeconds", static t => t.Second), ("getMilliseconds", static t => t.Millisecond)])
        {
            yield return new(name, [ValueKind.Time], ValueKind.Integer, (_, v) => Value.Of((long)part(v[0].Time)));
        }
    }

    private static IEnumerable<Function> Effects()
    {
        ValueKind[] name = [ValueKind.Stream, ValueKind.Text], pair = [ValueKind.Stream, ValueKind.Text, ValueKind.Text];
        yield return new("rewrite_request_url", name, ValueKind.Flag, static (s, v) => Rewrite(s.RequestHeaders, v[1].Text));
        yield return new("add_request_header", pair, ValueKind.Flag, static (s, v) => Set(s.RequestHeaders, v[1].Text, v[2].Text));
        yield return new("del_request_header", name, ValueKind.Flag, static (s, v) => Remove(s.RequestHeaders, v[1].Text));
        yield return new("add_response_header", pair, ValueKind.Flag, static (s, v) => Set(s.ResponseHeaders, v[1].Text, v[2].Text));
        yield return new("del_response_header", name, ValueKind.Flag, static (s, v) => Remove(s.ResponseHeaders, v[1].Text));
    }

    private static bool Matches(string text, string pattern)
        => pattern.EndsWith('*') ? text.StartsWith(pattern[..^1], StringComparison.Ordinal)
            : pattern.StartsWith('*') ? text.EndsWith(pattern[1..], StringComparison.Ordinal)
            : text == pattern;

    // The path alone, as MOSN's variable is; the query stays.
    private static Value Rewrite(RequestHeaders headers, string path)
    {
        string whole = headers.PathString;
        int question = whole.IndexOf('?', StringComparison.Ordinal);
        headers.Path = System.Text.Encoding.UTF8.GetBytes(path.Contains('?', StringComparison.Ordinal) || question < 0 ? path : path + whole[question..]);
        return Value.Of(true);
    }

    private static Value Set(HeaderMap? headers, string name, string value)
    {
        headers?.Set(name, value);
        return Value.Of(headers is not null);
    }

    private static Value Remove(HeaderMap? headers, string name)
    {
        _ = headers?.Remove(name);
        return Value.Of(headers is not null);
    }

    private static string Domain(string name) => new IdnMapping().GetAscii(name.TrimEnd('.')).ToLowerInvariant();

    private static string Mail(string text)
    {
        var address = new MailAddress(text);
        return address.User + "@" + Domain(address.Host);
    }

    private static string Canonical(string text)
        => Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" ? $"{uri!.Scheme}://{Domain(uri.Host)}{(uri.IsDefaultPort ? "" : ":" + uri.Port)}{uri.PathAndQuery}" : text;
}
