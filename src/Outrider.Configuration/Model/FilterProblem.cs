using Outrider.Configuration.Problems;

namespace Outrider.Configuration.Model;

/// <summary>Where a problem stands that a filter has found in a configuration of its own.</summary>
internal static class FilterProblem
{
    /// <summary>The problem with a key of an object; without a position where the object stands in no JSON, since another source than a file has made it.</summary>
    public static ConfigurationProblem At(Origin? origin, string key, string message)
        => origin is null ? new ConfigurationProblem("configuration", key, 0, 0, message) : origin.At(key).Problem(message);

    /// <summary>The problem at a path that is relative to <paramref name="start"/>.</summary>
    public static ConfigurationProblem Of(Origin start, string path, string message)
    {
        // The path that the filter meant is worth showing even when its last steps are missing from the file.
        string tail = path.TrimStart('$').TrimStart('.');
        string wanted = tail.Length == 0 ? start.Path : start.Path + (tail[0] == '[' ? "" : ".") + tail;
        return start.At(path).Problem(message) with { JsonPath = wanted };
    }
}
