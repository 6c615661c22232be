using System.Threading.Channels;

namespace Outrider.Developing;

/// <summary>Says when a source of a project has changed, once things are quiet again.</summary>
internal sealed class SourceWatch : IDisposable
{
    // An editor writes a file in several steps, and "save all" writes many.
    private static readonly TimeSpan s_quiet = TimeSpan.FromMilliseconds(150);

    private static readonly string[] s_sources = [".cs", ".csproj", ".props", ".targets", ".json", ".resx"];

    private readonly FileSystemWatcher _watcher;
    private readonly string _folder;
    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    internal SourceWatch(string folder)
    {
        _folder = folder;
        _watcher = new FileSystemWatcher(folder) { IncludeSubdirectories = true, NotifyFilter = NotifyFilters.FileName | NotifyFilters.LastWrite | NotifyFilters.Size };
        _watcher.Changed += OnChange;
        _watcher.Created += OnChange;
        _watcher.Deleted += OnChange;
        _watcher.Renamed += OnChange;
        _watcher.EnableRaisingEvents = true;
    }

    public void Dispose() => _watcher.Dispose();

    /// <summary>The next change.</summary>
    internal async Task NextAsync()
    {
        _ = await _changes.Reader.ReadAsync().ConfigureAwait(false);
        do
        {
            await Task.Delay(s_quiet).ConfigureAwait(false);
        }
        while (_changes.Reader.TryRead(out _));
    }

    private void OnChange(object sender, FileSystemEventArgs change)
    {
        string[] parts = Path.GetRelativePath(_folder, change.FullPath).Split(Path.DirectorySeparatorChar);
        if (!parts.Any(static part => part is "bin" or "obj" or ".git") && s_sources.Contains(Path.GetExtension(change.FullPath)))
        {
            _ = _changes.Writer.TryWrite(true);
        }
    }
}
