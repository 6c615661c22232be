using Outrider.Configuration.Problems;

namespace Outrider.Configuration.Model;

/// <summary>One access log.</summary>
/// <param name="Path">A file, or <c>stdout</c>/<c>stderr</c>.</param>
/// <param name="Format">MOSN's format with <c>%variables%</c>; null means the default format.</param>
internal sealed record AccessLogConfiguration(string Path, string? Format)
{
    /// <summary>Where it comes from; null where nobody says.</summary>
    public Origin? Origin { get; init; }

    /// <summary>The format as the text of a JSON object, in the place of <see cref="Format"/>; empty for none.</summary>
    public ReadOnlyMemory<byte> JsonFormat { get; init; }
}
