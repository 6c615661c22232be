using System.Globalization;
using System.Text;
using Outrider.Filters;

namespace Outrider.StockFilters.Metadata;

/// <summary>The unit that a user belongs to, by number: 1 to 100 are <c>s1</c>, 101 to 200 are <c>s2</c>, every other integer is <c>s3</c>.</summary>
[MetadataDriver("UNIT", JsonContext = typeof(MetadataJson))]
public sealed class UnitDriver(UnitConfig config) : IMetadataDriver
{
    private readonly byte[] _key = Encoding.ASCII.GetBytes(config.UnitKey);

    /// <inheritdoc/>
    public MetadataLabel BuildMetadata(RequestHeaders headers, BodyBuffer? body, HeaderMap? trailers)
    {
        if (!headers.TryGetValue(_key, out var user) || user.IsEmpty)
        {
            return MetadataLabel.None;
        }

        var digits = user[0] is (byte)'+' or (byte)'-' ? user[1..] : user;
        if (digits.IsEmpty || digits.IndexOfAnyExceptInRange((byte)'0', (byte)'9') >= 0)
        {
            return MetadataLabel.Failed($"'{Encoding.Latin1.GetString(user)}' is not an integer");
        }

        // What does not fit is an integer too, and neither of the first two units'.
        return MetadataLabel.Of(int.TryParse(user, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) ? UnitOf(number) : "s3");
    }

    private static string UnitOf(int user) => user is >= 1 and <= 100 ? "s1" : user is >= 101 and <= 200 ? "s2" : "s3";
}
