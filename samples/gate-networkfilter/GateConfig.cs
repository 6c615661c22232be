using System.Text;
using Outrider.Filters;

namespace Outrider.Samples.GateNetworkFilter;

/// <summary>The <c>config</c> of <c>name-gate</c>: who may come in.</summary>
public sealed class GateConfig : IValidatable
{
    /// <summary>The server names that clients' TLS may ask for; <c>*.example.com</c> stands for all below it.</summary>
    public string[] ServerNames { get; set; } = [];

    /// <summary>What other connections may begin with, each a text of 1 to 255 bytes of UTF-8.</summary>
    public string[] FirstBytes { get; set; } = [];

    internal byte[][] Beginnings { get; private set; } = [];

    /// <inheritdoc/>
    public void Validate()
    {
        if (ServerNames.Length == 0 && FirstBytes.Length == 0)
        {
            throw new FilterConfigurationException("wanted server_names or first_bytes: with neither nobody could come in");
        }

        Beginnings = [.. FirstBytes.Select(Encoding.UTF8.GetBytes)];
        for (int i = 0; i < Beginnings.Length; i++)
        {
            if (Beginnings[i].Length is 0 or > 255)
            {
                throw new FilterConfigurationException($"$.first_bytes[{i}]", "wanted a text of 1 to 255 bytes");
            }
        }
    }

    internal bool Allows(string? name) => name is not null && Array.Exists(ServerNames, allowed => allowed.StartsWith("*.", StringComparison.Ordinal)
        ? name.Length >= allowed.Length && name.EndsWith(allowed[1..], StringComparison.OrdinalIgnoreCase)
        : name.Equals(allowed, StringComparison.OrdinalIgnoreCase));
}
