using System.Text;
using Outrider.Filters;

namespace Outrider.Samples.GrpcFilter;

/// <summary>The filter's configuration: keys, and whose they are.</summary>
public sealed class ApiKeyConfig : Dictionary<string, string>, IValidatable
{
    private (byte[] Key, byte[] Caller)[] _keys = [];

    /// <inheritdoc/>
    public void Validate()
    {
        if (Count == 0)
        {
            throw new FilterConfigurationException("$", "without a key nobody could call");
        }

        _keys = [.. this.Select(pair => (Encoding.UTF8.GetBytes(pair.Key), Encoding.UTF8.GetBytes(pair.Value)))];
    }

    internal byte[]? CallerOf(ReadOnlySpan<byte> key)
    {
        foreach (var (known, caller) in _keys)
        {
            if (key.SequenceEqual(known))
            {
                return caller;
            }
        }

        return null;
    }
}
