using System.Globalization;
using Outrider.Proxy.Admin;

namespace Outrider.Diagnosing;

/// <summary>How long a page is to record: <c>?seconds=N</c>.</summary>
internal static class RecordedSpan
{
    /// <summary>The longest, in seconds: what is recorded is kept in memory.</summary>
    internal const int MaxSeconds = 300;

    /// <summary>Reads it.</summary>
    /// <param name="request">The request.</param>
    /// <param name="otherwise">The seconds where it says nothing.</param>
    /// <param name="refusal">Why not, where it says something else than 1 to <see cref="MaxSeconds"/>.</param>
    internal static TimeSpan Of(AdminRequest request, int otherwise, out AdminResponse? refusal)
    {
        string? text = request.Query.FirstOrDefault(static pair => pair.Key == "seconds").Value;
        int seconds = otherwise;
        bool isRight = text is null || (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out seconds) && seconds is >= 1 and <= MaxSeconds);
        refusal = isRight ? null : AdminResponse.Text($"seconds is a number from 1 to {MaxSeconds}\n", 400);
        return TimeSpan.FromSeconds(seconds);
    }
}
