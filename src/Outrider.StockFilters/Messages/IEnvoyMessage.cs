using System.Text.Json.Serialization.Metadata;

namespace Outrider.StockFilters.Messages;

/// <summary>A configuration that is a message of Envoy's, for who describes it.</summary>
internal interface IEnvoyMessage
{
    /// <summary>How the message is read, with its keys in lowerCamel.</summary>
    JsonTypeInfo Type { get; }

    /// <summary>Keys of objects whose own keys are names that people choose.</summary>
    IReadOnlyList<string> Maps { get; }
}
