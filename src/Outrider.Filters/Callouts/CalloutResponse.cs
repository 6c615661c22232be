using System.Text;

namespace Outrider.Filters;

/// <summary>The answer to a <see cref="Callout"/>, whatever its status. The caller's own.</summary>
/// <param name="status">The status.</param>
/// <param name="headers">Header fields in order.</param>
/// <param name="body">The whole body.</param>
public sealed class CalloutResponse(int status, IReadOnlyList<KeyValuePair<string, string>> headers, byte[] body)
{
    /// <summary>The status.</summary>
    public int Status { get; } = status;

    /// <summary>True for 200–299.</summary>
    public bool IsSuccess => Status is >= 200 and <= 299;

    /// <summary>Header fields in order.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; } = headers;

    /// <summary>The whole body.</summary>
    public ReadOnlyMemory<byte> Body { get; } = body;

    /// <summary>The body, read as UTF-8.</summary>
    public string Text => Encoding.UTF8.GetString(Body.Span);

    /// <summary>The first value of that name, compared without case; null when there is none.</summary>
    public string? GetHeader(string name)
    {
        foreach (var (key, value) in Headers)
        {
            if (key.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return value;
            }
        }

        return null;
    }
}
