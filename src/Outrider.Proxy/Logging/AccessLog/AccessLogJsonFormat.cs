using System.Text;
using System.Text.Json;

namespace Outrider.Proxy.Logging.AccessLog;

/// <summary>
/// An access log's format as a JSON object: each line is that object, with its texts' variables in it. A text that is one variable and
/// nothing else becomes a value of the variable's type (a number, true or false, text), and null when it is missing.
/// </summary>
internal static class AccessLogJsonFormat
{
    // So that a line has room for them, however many: AccessLogWriter shares out what the format itself does not take.
    private const int MaxVariables = 256;
    private const int MaxText = 16 * 1024;

    /// <summary>Compiles an object.</summary>
    /// <param name="format">The object's text.</param>
    /// <param name="isUserVariable">As for <see cref="AccessLogFormat.Parse"/>.</param>
    /// <exception cref="FormatException">A text in it is no format, or there is too much in it.</exception>
    public static AccessLogFormat Parse(ReadOnlyMemory<byte> format, Func<string, bool>? isUserVariable = null)
    {
        var parts = new List<AccessLogPart>();
        var text = new StringBuilder();
        using var document = JsonDocument.Parse(format);
        Add(document.RootElement, parts, text, isUserVariable);
        Flush(parts, text);
        if (parts.Count(static part => part.Text is null) > MaxVariables)
        {
            throw new FormatException($"has more than {MaxVariables} variables");
        }

        return parts.Sum(static part => part.Text?.Length ?? 0) <= MaxText
            ? new AccessLogFormat(Encoding.UTF8.GetString(format.Span), [.. parts], LogEscaping.Json)
            : throw new FormatException("is longer than 16 KiB");
    }

    private static void Add(JsonElement value, List<AccessLogPart> parts, StringBuilder text, Func<string, bool>? isUserVariable)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                string before = "{";
                foreach (var member in value.EnumerateObject())
                {
                    _ = text.Append(before).Append(Quoted(member.Name)).Append(':');
                    Add(member.Value, parts, text, isUserVariable);
                    before = ",";
                }

                _ = text.Append(before == "{" ? "{}" : "}");
                break;
            case JsonValueKind.Array:
                _ = text.Append('[');
                string between = "";
                foreach (var item in value.EnumerateArray())
                {
                    _ = text.Append(between);
                    Add(item, parts, text, isUserVariable);
                    between = ",";
                }

                _ = text.Append(']');
                break;
            case JsonValueKind.String:
                AddText(AccessLogFormat.ParseParts(value.GetString()!, isUserVariable), parts, text);
                break;
            default:
                _ = text.Append(value.GetRawText());
                break;
        }
    }

    private static void AddText(List<AccessLogPart> value, List<AccessLogPart> parts, StringBuilder text)
    {
        if (value is [{ Text: null } only])
        {
            Flush(parts, text);
            parts.Add(only with { IsValue = true });
            return;
        }

        _ = text.Append('"');
        foreach (var part in value)
        {
            if (part.Text is { } bytes)
            {
                _ = text.Append(Quoted(Encoding.UTF8.GetString(bytes))[1..^1]);
            }
            else
            {
                Flush(parts, text);
                parts.Add(part);
            }
        }

        _ = text.Append('"');
    }

    private static void Flush(List<AccessLogPart> parts, StringBuilder text)
    {
        if (text.Length > 0)
        {
            parts.Add(new AccessLogPart(Encoding.UTF8.GetBytes(text.ToString()), AccessLogVariable.None, []));
            _ = text.Clear();
        }
    }

    private static string Quoted(string text) => "\"" + JsonEncodedText.Encode(text) + "\"";
}
