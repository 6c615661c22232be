using System.Text;

namespace Outrider.Proxy.Logging.AccessLog;

/// <summary>
/// The format of an access log in MOSN's notation: text with <c>%variables%</c>. A percent sign after a backslash is text (and
/// the backslash is, too). Or a JSON object (<see cref="AccessLogJsonFormat"/>). Immutable; any thread.
/// </summary>
internal sealed class AccessLogFormat
{
    /// <summary>The format where the configuration gives none: MOSN's, and what was asked for.</summary>
    public const string DefaultText =
        "%start_time% %trace_id%  %connection_id% %upstream_connection_id% %request_received_duration% %response_received_duration%"
        + " %bytes_sent% %bytes_received% %protocol% %response_code% %duration% %response_flag% %response_code%"
        + " %upstream_local_address% %downstream_local_address% %downstream_remote_address% %upstream_host%"
        + " %request_method% %authority% %request_path%";

    private readonly AccessLogPart[] _parts;

    internal AccessLogFormat(string text, AccessLogPart[] parts, LogEscaping escaping)
    {
        Escaping = escaping;
        Text = text;
        _parts = parts;
    }

    /// <summary>The default format.</summary>
    public static AccessLogFormat Default { get; } = Parse(DefaultText);

    /// <summary>The format as it is written.</summary>
    public string Text { get; }

    /// <summary>How values are written.</summary>
    public LogEscaping Escaping { get; }

    /// <summary>Texts and variables, in order.</summary>
    public ReadOnlySpan<AccessLogPart> Parts => _parts;

    /// <summary>How many bytes of a line each variable can have, when all have as many; 32 at least.</summary>
    /// <param name="line">The line's length.</param>
    public int Share(int line)
    {
        int variables = _parts.Count(static part => part.Text is null);
        int texts = _parts.Sum(static part => part.Text?.Length ?? 0);
        // Two quotes for each, and the newline.
        return Math.Max((line - texts - 1) / Math.Max(variables, 1) - 2, 32);
    }

    /// <summary>Parses a format; an empty one is the default.</summary>
    /// <param name="format">The format.</param>
    /// <param name="isUserVariable">Whether a name that the proxy does not know may be one that a filter sets; null when none may.</param>
    /// <exception cref="FormatException">A variable is empty, not closed or not known; the message says which and where (from 1).</exception>
    public static AccessLogFormat Parse(string format, Func<string, bool>? isUserVariable = null)
    {
        if (format.Length == 0)
        {
            return Default;
        }

        // Whoever writes JSON as text means lines that are JSON, whatever clients send.
        bool isJson = format.AsSpan().Trim() is ['{', .., '}'];
        return new AccessLogFormat(format, [.. ParseParts(format, isUserVariable)], isJson ? LogEscaping.Json : LogEscaping.Quotes);
    }

    /// <summary>The parts of a text with variables.</summary>
    /// <exception cref="FormatException">As for <see cref="Parse"/>.</exception>
    internal static List<AccessLogPart> ParseParts(string format, Func<string, bool>? isUserVariable)
    {
        var parts = new List<AccessLogPart>();
        int start = 0;
        int opened = -1;
        for (int i = 0; i < format.Length; i++)
        {
            if (format[i] != '%' || (i > 0 && format[i - 1] == '\\'))
            {
                continue;
            }

            if (opened >= 0)
            {
                parts.Add(Variable(format[start..i], opened, isUserVariable));
                opened = -1;
            }
            else
            {
                AddText(parts, format[start..i]);
                opened = i;
            }

            start = i + 1;
        }

        if (opened >= 0)
        {
            throw new FormatException($"the variable that begins at position {opened + 1} has no closing '%'");
        }

        AddText(parts, format[start..]);
        return parts;
    }

    private static AccessLogPart Variable(string name, int position, Func<string, bool>? isUserVariable)
    {
        if (name.Length == 0)
        {
            throw new FormatException($"the variable at position {position + 1} has no name between its percent signs");
        }

        if (AccessLogVariables.TryFind(name, out AccessLogVariable variable, out string argument))
        {
            return new AccessLogPart(null, variable, Encoding.UTF8.GetBytes(argument));
        }

        return isUserVariable?.Invoke(name) == true
            ? new AccessLogPart(null, AccessLogVariable.User, Encoding.UTF8.GetBytes(name))
            : throw new FormatException($"there is no variable '{name}' (position {position + 1})");
    }

    private static void AddText(List<AccessLogPart> parts, string text)
    {
        if (text.Length > 0)
        {
            parts.Add(new AccessLogPart(Encoding.UTF8.GetBytes(text), AccessLogVariable.None, []));
        }
    }
}
