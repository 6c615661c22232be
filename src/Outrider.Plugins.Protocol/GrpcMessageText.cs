using System.Globalization;
using System.Text;

namespace Outrider.Plugins.Protocol;

/// <summary>The <c>grpc-message</c> trailer: UTF-8 with everything but printable ASCII, and the percent sign, percent-encoded.</summary>
public static class GrpcMessageText
{
    /// <summary>Writes a message.</summary>
    public static string Encode(string message)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (message.AsSpan().IndexOfAnyExceptInRange(' ', '~') < 0 && !message.Contains('%', StringComparison.Ordinal))
        {
            return message;
        }

        var text = new StringBuilder();
        foreach (byte b in Encoding.UTF8.GetBytes(message))
        {
            _ = b is < 0x20 or > 0x7e or (byte)'%' ? text.Append(CultureInfo.InvariantCulture, $"%{b:X2}") : text.Append((char)b);
        }

        return text.ToString();
    }

    /// <summary>Reads a message; what is not well encoded stays as it is.</summary>
    public static string Decode(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Contains('%', StringComparison.Ordinal) ? Uri.UnescapeDataString(text) : text;
    }
}
