namespace Outrider.Configuration.Json;

/// <summary>One member of a JSON object.</summary>
/// <param name="Name">The key, unescaped.</param>
/// <param name="NameStart">Offset of the key's opening quote in the document.</param>
/// <param name="Value">The value.</param>
internal readonly record struct ConfigurationMember(string Name, int NameStart, ConfigurationNode Value);
