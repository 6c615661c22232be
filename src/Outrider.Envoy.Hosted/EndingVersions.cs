using Outrider.Assemblies.Swapping;
using Outrider.Envoy.Logging;
using Outrider.Envoy.Streams;

namespace Outrider.Envoy.Hosted;

/// <summary>
/// Ends the streams of versions that are too old: long streams hold the code that they began with, and so many versions may live, and no more. One thread.
/// </summary>
/// <param name="libraries">Says which are too old.</param>
/// <param name="streams">All streams, by their version.</param>
internal sealed class EndingVersions(AssemblyLibraries libraries, VersionStreams streams)
{
    // A stream that was about to begin when its version became too old is met at a later look.
    private readonly List<WeakReference<ExtensionVersion>> _ending = [];

    /// <summary>Asks for the end of what is too old now. To be called again and again.</summary>
    internal void Look()
    {
        foreach (var version in libraries.TooOld())
        {
            _ending.Add(new WeakReference<ExtensionVersion>(version));
        }

        _ = _ending.RemoveAll(known =>
        {
            if (!known.TryGetTarget(out var version))
            {
                return true;
            }

            int ended = streams.End(version);
            if (ended > 0)
            {
                ModuleLog.Warn($"library {version.Path}: {ended} stream{(ended == 1 ? "" : "s")} of version {version.Number} ended, as more than old_versions are alive");
            }

            return false;
        });
    }
}
