using Outrider.Filters;

namespace Outrider.Samples.NginxUidRouting;

/// <summary>Makes a label of a request: each use in a configuration has an object of its own.</summary>
public abstract class MetadataDriver
{
    /// <summary>The label; null when the request gets none.</summary>
    /// <exception cref="FormatException">What should be a label's source is none: the filter logs it, and goes on without a label.</exception>
    public abstract string? BuildMetadata(RequestHeaders headers);
}
