namespace Outrider.Proxy.Logging.AccessLog;

/// <summary>One part of an access log's format: a text, or a variable. Immutable.</summary>
/// <param name="Text">The text, UTF-8; null for a variable.</param>
/// <param name="Variable">The variable.</param>
/// <param name="Argument">The name that goes with it (of a header, say), UTF-8; else empty.</param>
/// <param name="IsValue">In a JSON format: the variable is a value of its own, with the type that it has, and null when it is missing.</param>
internal readonly record struct AccessLogPart(byte[]? Text, AccessLogVariable Variable, byte[] Argument, bool IsValue = false);
