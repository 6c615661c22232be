using System.Security.Cryptography;
using Outrider.Filters;

namespace Outrider.Samples.DirectorySource;

/// <summary>
/// Keeps resources in step with the files of a directory: <c>cluster.NAME.json</c>, <c>hosts.NAME.json</c>, <c>router.NAME.json</c>, <c>listener.NAME.json</c>. What has
/// changed since the last look goes to the proxy as one set; a file that is gone takes back what it said.
/// </summary>
[ConfigurationSource("directory")]
public sealed class DirectorySource(DirectoryConfig config) : IConfigurationSource
{
    private static readonly (string Prefix, ConfigurationResourceKind Kind)[] s_kinds =
    [
        ("cluster.", ConfigurationResourceKind.Cluster),
        ("hosts.", ConfigurationResourceKind.Hosts),
        ("router.", ConfigurationResourceKind.Router),
        ("listener.", ConfigurationResourceKind.Listener),
    ];

    // What the proxy was told last, by file.
    private readonly Dictionary<string, (ConfigurationResourceKind Kind, string Name, string Content)> _told = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public async Task RunAsync(IConfigurationUpdates updates, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(updates);
        while (true)
        {
            var changes = Look();
            if (changes.Count > 0)
            {
                // What is refused stands in the proxy's log, and is told again when its file changes.
                _ = await updates.ApplyAsync(changes).ConfigureAwait(false);
            }

            await Task.Delay(config.Interval, stop).ConfigureAwait(false);
        }
    }

    private List<ConfigurationResource> Look()
    {
        List<ConfigurationResource> changes = [];
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (string file in Directory.Exists(config.Path) ? Directory.GetFiles(config.Path, "*.json") : [])
        {
            string name = Path.GetFileNameWithoutExtension(file);
            if (Array.Find(s_kinds, kind => name.StartsWith(kind.Prefix, StringComparison.Ordinal)) is not { Prefix: { } prefix, Kind: var kind } || name.Length == prefix.Length)
            {
                continue;
            }

            byte[] json;
            try
            {
                json = File.ReadAllBytes(file);
            }
            catch (IOException)
            {
                // Somebody is writing it, or has just removed it: the next look.
                _ = seen.Add(file);
                continue;
            }

            _ = seen.Add(file);
            string content = Convert.ToHexString(SHA256.HashData(json));
            if (json.Length > 0 && (!_told.TryGetValue(file, out var told) || told.Content != content))
            {
                _told[file] = (kind, name[prefix.Length..], content);
                changes.Add(new ConfigurationResource(kind, name[prefix.Length..], json));
            }
        }

        foreach (var (file, gone) in _told.Where(told => !seen.Contains(told.Key)).ToList())
        {
            _ = _told.Remove(file);
            changes.Add(new ConfigurationResource(gone.Kind, gone.Name, default));
        }

        return changes;
    }
}
