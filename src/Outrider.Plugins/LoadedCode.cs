using System.Collections.Concurrent;
using System.Security.Cryptography;
using Outrider.Filters;

namespace Outrider.Plugins;

/// <summary>
/// The files whose code is in this process for good: extensions' assemblies, their dependencies, modules. What is loaded cannot be
/// replaced, so a reload says which of them are not any more what they were. Any thread.
/// </summary>
public static class LoadedCode
{
    private static readonly ConcurrentDictionary<string, byte[]> s_files = new(StringComparer.Ordinal);

    /// <summary>Remembers what a file holds, before it is loaded; the first time counts. A file that cannot be read is left to the loader.</summary>
    /// <param name="path">Full path.</param>
    public static void Remember(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!s_files.ContainsKey(path) && Read(path) is { } content)
        {
            _ = s_files.TryAdd(path, content);
        }
    }

    /// <summary>As <see cref="Remember"/>, of what has to be a plain file.</summary>
    /// <exception cref="IOException">It is none; the message says what it is, without its name.</exception>
    public static void Admit(string path)
    {
        PlainFile.Require(path);
        Remember(path);
    }

    /// <summary>What to say of each file that has changed since it was loaded, or is gone; sorted by path.</summary>
    public static IReadOnlyList<string> Changes() =>
    [
        .. s_files.OrderBy(file => file.Key, StringComparer.Ordinal).Select(file => (Path: file.Key, Loaded: file.Value, Now: Read(file.Key)))
            .Where(file => file.Now is null || !file.Now.AsSpan().SequenceEqual(file.Loaded))
            .Select(file => $"{file.Path} {(file.Now is null ? "is gone or cannot be read" : "has changed")}; what was loaded from it stays until the program is started again"),
    ];

    // By content: a file that was only touched, or built again to the same, has not changed.
    private static byte[]? Read(string path)
    {
        if (PlainFile.KindOf(path) != FileKind.Plain)
        {
            return null;
        }

        try
        {
            using var file = File.OpenRead(path);
            return SHA256.HashData(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
