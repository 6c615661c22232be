namespace Outrider.Configuration.Shapes;

/// <summary>An object of the configuration as binding reads it, wherever in the arrays above it.</summary>
/// <param name="id">Where it stands: <c>/servers[]/listeners[]</c>; empty for the root.</param>
/// <param name="place">A document that has one, and where.</param>
internal sealed class ObjectShape(string id, ShapePlace place)
{
    private HashSet<string>? _required;

    /// <summary>Where it stands.</summary>
    public string Id => id;

    /// <summary>A document that has one, and where.</summary>
    public ShapePlace Place => place;

    /// <summary>Its keys in the order in which they were first asked for, each with the way in which it is read.</summary>
    public Dictionary<(string Key, string Way), MemberShape> Members { get; } = [];

    /// <summary>Whether a key that nobody asks for is said to be unknown.</summary>
    public bool IsClosed { get; set; }

    /// <summary>What an unknown key may hold, where one may stand.</summary>
    public ValueKinds Others { get; set; }

    /// <summary>The keys without which there was always an error.</summary>
    public IReadOnlyCollection<string> Required => _required ?? [];

    /// <summary>Takes note of one that was read.</summary>
    /// <param name="missed">The keys whose absence was an error.</param>
    /// <param name="present">The keys that it has.</param>
    public void Note(IReadOnlyCollection<string> missed, IReadOnlyCollection<string> present)
    {
        if (_required is null)
        {
            _required = [.. missed];
        }
        else
        {
            _ = _required.RemoveWhere(key => !missed.Contains(key) && !present.Contains(key));
        }
    }
}
