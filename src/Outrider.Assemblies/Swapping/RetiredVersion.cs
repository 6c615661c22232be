using System.Runtime.Loader;

namespace Outrider.Assemblies.Swapping;

/// <summary>A version that no new configuration uses. It is alive as long as anything refers to its code or objects, which this does not.</summary>
internal sealed class RetiredVersion
{
    private readonly WeakReference<ExtensionVersion> _version;
    private readonly WeakReference<AssemblyLoadContext> _context;

    internal RetiredVersion(ExtensionVersion version, AssemblyLoadContext context)
    {
        Path = version.Path;
        Number = version.Number;
        _version = new WeakReference<ExtensionVersion>(version);
        // Also while it is being finalized: what it holds is in memory until then.
        _context = new WeakReference<AssemblyLoadContext>(context, trackResurrection: true);
    }

    internal string Path { get; }

    internal int Number { get; }

    /// <summary>The version, while anything refers to it.</summary>
    internal ExtensionVersion? Version => _version.TryGetTarget(out var version) ? version : null;

    /// <summary>Was it asked for that its streams end?</summary>
    internal bool IsEnding { get; set; }

    /// <summary>Is any of it still in memory?</summary>
    internal bool IsAlive => _context.TryGetTarget(out _);

    /// <summary>Does a configuration still use it, for streams that have not ended?</summary>
    internal bool IsUsed => _version.TryGetTarget(out var version) && version.Users > 0;

    /// <summary>How often the collector has been here since nothing uses it.</summary>
    internal int Rounds { get; set; }

    /// <summary>Was it told that something holds it?</summary>
    internal bool IsTold { get; set; }

    /// <summary>What is seen to hold it; empty where nothing is.</summary>
    internal IReadOnlyList<string> Holders() => _context.TryGetTarget(out var context) ? ContextHolders.Find(context) : [];
}
