namespace Outrider.Filters;

/// <summary>One resource as a source of configurations gives it. Immutable.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Name">Its name. The text may leave it out, and may not say another one.</param>
/// <param name="Json">What it says, as in the configuration file; UTF-8. Not to be changed afterwards. Empty: what this source, or another one beside the file, has said of it holds no longer.</param>
public sealed record ConfigurationResource(ConfigurationResourceKind Kind, string Name, ReadOnlyMemory<byte> Json)
{
    /// <summary>Does it take back what was said?</summary>
    public bool IsRemoval => Json.IsEmpty;
}
