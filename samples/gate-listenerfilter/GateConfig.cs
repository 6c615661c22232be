using System.Text;
using Outrider.Filters;

namespace Outrider.Samples.GateListenerFilter;

/// <summary>The <c>config</c> of <c>gate</c>.</summary>
public sealed class GateConfig : IValidatable
{
    /// <summary>What a connection has to begin with, 1 to 255 bytes of UTF-8; it is taken out.</summary>
    public string Word { get; set; } = "";

    internal byte[] Bytes { get; private set; } = [];

    /// <inheritdoc/>
    public void Validate()
    {
        Bytes = Encoding.UTF8.GetBytes(Word);
        if (Bytes.Length is 0 or > 255)
        {
            throw new FilterConfigurationException("$.word", "wanted a word of 1 to 255 bytes");
        }
    }
}
