using Outrider.Http.Headers;

namespace Outrider.Http.V1.Parsing;

/// <summary>A <c>Content-Length</c> as it stands in a head (RFC 9110 §8.6).</summary>
internal static class LengthField
{
    /// <summary>Reads the field at that place: one decimal number.</summary>
    /// <param name="fields">The head.</param>
    /// <param name="index">The field.</param>
    /// <param name="mayRepeat">May it be a list of one number, several times? Then it becomes that number.</param>
    /// <param name="length">The number.</param>
    internal static bool TryRead(HeaderBlock fields, int index, bool mayRepeat, out long length)
    {
        var value = fields.ValueAt(index);
        if (FieldRules.TryParseContentLength(value, out length))
        {
            return true;
        }

        int comma = mayRepeat ? value.IndexOf((byte)',') : -1;
        if (comma < 0)
        {
            return false;
        }

        var (start, _) = fields.ValueRangeAt(index);
        int first = value[..comma].TrimEnd(" \t"u8).Length;
        if (!FieldRules.TryParseContentLength(value[..first], out length))
        {
            return false;
        }

        for (var rest = value[(comma + 1)..]; ; rest = rest[(comma + 1)..])
        {
            comma = rest.IndexOf((byte)',');
            var next = (comma < 0 ? rest : rest[..comma]).Trim(" \t"u8);
            if (!FieldRules.TryParseContentLength(next, out long again) || again != length)
            {
                return false;
            }

            if (comma < 0)
            {
                fields.SetValueAt(index, fields.Slice(start, first));
                return true;
            }
        }
    }
}
