using System.Text;
using Outrider.Filters;

namespace Outrider.Samples.EnvoyStreaming;

/// <summary>What is written for what: <c>{ "find": "http://", "replace": "https://" }</c>.</summary>
public sealed class RewriteConfig : IValidatable
{
    /// <summary>The text that is looked for, in UTF-8. Required; at most 1,024 bytes.</summary>
    public string Find { get; set; } = "";

    /// <summary>What is put in its place. Default: nothing.</summary>
    public string Replace { get; set; } = "";

    /// <summary>The same as bytes.</summary>
    internal byte[] FindBytes { get; private set; } = [];

    /// <summary>The same as bytes.</summary>
    internal byte[] ReplaceBytes { get; private set; } = [];

    /// <inheritdoc/>
    public void Validate()
    {
        FindBytes = Encoding.UTF8.GetBytes(Find);
        ReplaceBytes = Encoding.UTF8.GetBytes(Replace);
        if (FindBytes.Length is 0 or > 1024)
        {
            throw new FilterConfigurationException("$.find", "1 to 1,024 bytes are wanted");
        }
    }
}
