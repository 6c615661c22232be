namespace Outrider.Filters;

/// <summary>What a plugin answered: MOSN's <c>proto.Response</c>.</summary>
public sealed class PluginResponse
{
    private static readonly Dictionary<string, string> s_none = [];

    /// <summary>Names and values. A header that comes several times has its values one a line (<c>\n</c>), in one entry: two <c>Set-Cookie</c>.</summary>
    public IReadOnlyDictionary<string, string> Header { get; init; } = s_none;

    /// <summary>Names and values.</summary>
    public IReadOnlyDictionary<string, string> Trailer { get; init; } = s_none;

    /// <summary>Any bytes.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>A number that the caller understands; 0 unless the plugin says otherwise.</summary>
    public int Status { get; init; }
}
