using System.Text;
using System.Text.Json.Serialization;
using Outrider.Filters;

namespace Outrider.Samples.SimpleStreamFilter;

/// <summary>The filter's configuration: header names with the values that they must have, <c>{ "User": "admin" }</c>.</summary>
public sealed class DemoConfig : Dictionary<string, string>, IValidatable
{
    /// <summary>The same as bytes, so that a request costs no conversion.</summary>
    internal (byte[] Name, byte[] Value)[] Required { get; private set; } = [];

    /// <inheritdoc/>
    public void Validate()
    {
        foreach (var (name, value) in this)
        {
            if (!HeaderSyntax.IsToken(Encoding.UTF8.GetBytes(name)))
            {
                throw new FilterConfigurationException($"$.{name}", $"'{name}' is not a header name");
            }

            if (value is null)
            {
                throw new FilterConfigurationException($"$.{name}", "null where the header's value is wanted");
            }
        }

        Required = [.. this.Select(pair => (Encoding.UTF8.GetBytes(pair.Key), Encoding.UTF8.GetBytes(pair.Value)))];
    }
}

/// <summary>Reads the configuration without reflection.</summary>
[JsonSerializable(typeof(DemoConfig))]
public sealed partial class DemoJson : JsonSerializerContext;
