using Outrider.Filters;

namespace Outrider.Tests.Modules;

/// <summary>Writes <c>x-value</c> (percent-encoded) where <c>x-where</c> says, and answers with what became of that.</summary>
[StreamFilter("line")]
public sealed class LineFilter : StreamFilter
{
    /// <inheritdoc/>
    public override async ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
    {
        if (headers.GetString("x-where") is not { } where)
        {
            return FilterAction.Continue;
        }

        string value = Uri.UnescapeDataString(headers.GetString("x-value") ?? "");
        byte[] bytes = new byte[value.Length];
        for (int i = 0; i < bytes.Length; i++)
        {
            bytes[i] = (byte)value[i];
        }

        string before = headers.ToString()!;
        try
        {
            switch (where)
            {
                case "method":
                    headers.Method = bytes;
                    break;
                case "path":
                    headers.Path = bytes;
                    break;
                case "authority":
                    headers.Authority = bytes;
                    break;
                case "host":
                    headers.Set("host"u8, bytes);
                    break;
                case "method-of-asterisk":
                    headers.Method = "OPTIONS"u8;
                    headers.Path = "*"u8;
                    headers.Method = bytes;
                    break;
                default:
                    await AskAsync(where, value);
                    break;
            }
        }
        catch (ArgumentException)
        {
            return Reply(200, "refused");
        }

        return Reply(200, "taken");
    }

    private async Task AskAsync(string where, string value)
    {
        var callout = where switch
        {
            "callout-method" => new Callout("up", value, "/asked"),
            "callout-path" => new Callout("up", "GET", value),
            "callout-authority" => new Callout("up", "GET", "/asked") { Authority = value },
            _ => new Callout("up", "GET", "/asked").With("host", value),
        };
        _ = await Stream.CalloutAsync(callout);
    }
}
