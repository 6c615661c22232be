namespace Outrider.Configuration.Model;

/// <summary>An answer that the proxy gives by itself.</summary>
/// <param name="Status">200 to 599.</param>
/// <param name="Body">The body; empty for none.</param>
internal sealed record DirectResponseConfiguration(int Status, string Body);
