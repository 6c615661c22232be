using System.Globalization;
using Outrider.Filters;

namespace Outrider.Samples.NginxUidRouting;

/// <summary>The unit that a user belongs to, by number: 1 to 100 are s1, 101 to 200 are s2, all others s3.</summary>
/// <param name="unitKey">The header with the number.</param>
public sealed class UnitDriver(string unitKey) : MetadataDriver
{
    /// <inheritdoc/>
    public override string? BuildMetadata(RequestHeaders headers)
        => headers.GetString(unitKey) is { Length: > 0 } user ? UnitOf(int.Parse(user, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture)) : null;

    private static string UnitOf(int user) => user switch
    {
        >= 1 and <= 100 => "s1",
        >= 101 and <= 200 => "s2",
        _ => "s3",
    };
}
