using System.Globalization;
using Outrider.Filters;

namespace Outrider.Running;

/// <summary>The file that says which process this is; gone when the process ends well.</summary>
internal sealed class PidFile : IDisposable
{
    private readonly string? _path;

    private PidFile(string? path) => _path = path;

    /// <exception cref="IOException">It cannot be written.</exception>
    internal static PidFile Write(string? path)
    {
        if (!string.IsNullOrEmpty(path))
        {
            try
            {
                PlainFile.Require(path);
                File.WriteAllText(path, Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + "\n");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new IOException($"cannot write the pid file {path}: {e.Message}", e);
            }
        }

        return new PidFile(path);
    }

    public void Dispose()
    {
        if (!string.IsNullOrEmpty(_path))
        {
            File.Delete(_path);
        }
    }
}
