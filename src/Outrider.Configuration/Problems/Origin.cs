namespace Outrider.Configuration.Problems;

/// <summary>
/// Where a part of a configuration comes from: a file's JSON, or whatever else has filled the model. Records of the model keep it to say
/// where a problem stands that a later step finds. Immutable; any thread.
/// </summary>
internal abstract class Origin
{
    /// <summary>Where relative paths begin.</summary>
    public abstract string Folder { get; }

    /// <summary>Where it stands in the whole: <c>servers[0].listeners[0].address</c>; empty for the whole itself.</summary>
    public abstract string Path { get; }

    /// <summary>Line and column of its text, from 1; 0 where it has none.</summary>
    public abstract (int Line, int Column) Position { get; }

    /// <summary>The path that a member of it has, whether it exists or not.</summary>
    public abstract string PathOf(string key);

    /// <summary>
    /// What stands at a path below this (<c>$.rules[0].name</c>, as System.Text.Json and filters write them), or the last that exists on the way: an error
    /// about a member that is missing belongs to the object that lacks it.
    /// </summary>
    public abstract Origin At(string path);

    /// <summary>A problem with it.</summary>
    public abstract ConfigurationProblem Problem(string message);

    /// <summary>What stands here, for a message: <c>the number 5</c>, <c>an object</c>.</summary>
    public abstract string Describe();
}
