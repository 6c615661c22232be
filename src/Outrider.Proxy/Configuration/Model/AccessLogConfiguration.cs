using Outrider.Proxy.Configuration.Json;

namespace Outrider.Proxy.Configuration.Model;

/// <summary>One access log.</summary>
/// <param name="Path">A file, or <c>stdout</c>/<c>stderr</c>.</param>
/// <param name="Format">MOSN's format with <c>%variables%</c>; null means the default format.</param>
internal sealed record AccessLogConfiguration(string Path, string? Format)
{
    /// <summary>The entry itself; null where it stands in no JSON.</summary>
    public ConfigurationNode? Node { get; init; }

    /// <summary>The format as a JSON object, in the place of <see cref="Format"/>; null for none.</summary>
    public ConfigurationNode? JsonFormat { get; init; }
}
