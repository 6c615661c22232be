using System.Security.Cryptography;

namespace Outrider.Filters;

/// <summary>What a configuration used beside its own text when it was read: files, and what was said of its keys. The thread that loads.</summary>
internal sealed class ConfigurationUses
{
    private readonly List<(string Folder, string File, int MaxLength, byte[] Content)> _files = [];
    private readonly List<(string Path, string Reason)> _excuses = [];

    /// <summary>A file was read.</summary>
    internal void AddFile(string folder, string file, int maxLength, ReadOnlySpan<byte> content) => _files.Add((folder, file, maxLength, SHA256.HashData(content)));

    /// <summary>A key was found to be without effect.</summary>
    internal void AddExcuse(string path, string reason) => _excuses.Add((path, reason));

    /// <summary>Do all of the files hold what they held? False where one cannot be read any more.</summary>
    internal bool AreFilesSame()
    {
        foreach (var (folder, file, maxLength, content) in _files)
        {
            try
            {
                if (!SHA256.HashData(new ConfigurationFiles(folder).Read("$", file, maxLength)).AsSpan().SequenceEqual(content))
                {
                    return false;
                }
            }
            catch (FilterConfigurationException)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Says again what was said of the keys, which stand elsewhere in the file now.</summary>
    internal void Repeat(FilterConfiguration configuration) => _excuses.ForEach(excuse => configuration.OnExcused?.Invoke(excuse.Path, excuse.Reason));
}
