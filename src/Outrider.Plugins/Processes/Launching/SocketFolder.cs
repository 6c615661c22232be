using System.Globalization;

namespace Outrider.Plugins.Processes.Launching;

/// <summary>
/// A folder for the Unix sockets of our plugins that nobody else can enter; gone with us. That of a proxy which was killed
/// stays, and is removed by the next one that starts.
/// </summary>
internal sealed class SocketFolder : IDisposable
{
    private const string Prefix = "outrider-plugins-";

    private readonly Lazy<string> _path = new(Create);

    /// <summary>Its path; made when it is first wanted.</summary>
    internal string Path => _path.Value;

    public void Dispose()
    {
        if (_path.IsValueCreated)
        {
            Delete(_path.Value);
        }
    }

    private static string Create()
    {
        foreach (string folder in Directory.EnumerateDirectories(System.IO.Path.GetTempPath(), Prefix + "*"))
        {
            string[] parts = System.IO.Path.GetFileName(folder)[Prefix.Length..].Split('-');
            if (int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int process) && !Directory.Exists($"/proc/{process}"))
            {
                Delete(folder);
            }
        }

        return Directory.CreateTempSubdirectory(string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Environment.ProcessId}-")).FullName;
    }

    private static void Delete(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another user's, or another process was quicker.
        }
    }
}
