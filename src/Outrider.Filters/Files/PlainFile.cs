using System.Text;

namespace Outrider.Filters;

/// <summary>
/// Reads files that people name: configurations, certificates, libraries. What is no plain file is refused before it is opened,
/// as a pipe would make the reader wait for ever and a device may have no end; and no file is read past a limit. Any thread.
/// </summary>
internal static class PlainFile
{
    /// <summary>What is at <paramref name="path"/>. Links are followed; nothing is opened.</summary>
    public static FileKind KindOf(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return FileCalls.TypeOf(Name(path)) switch
        {
            -1 => FileKind.Missing,
            FileCalls.Directory => FileKind.Directory,
            FileCalls.Pipe => FileKind.Pipe,
            FileCalls.Socket => FileKind.Socket,
            FileCalls.CharacterDevice => FileKind.CharacterDevice,
            FileCalls.BlockDevice => FileKind.BlockDevice,
            _ => FileKind.Plain,
        };
    }

    /// <summary>What a kind is called in messages: <c>a pipe</c>.</summary>
    public static string Describe(FileKind kind) => kind switch
    {
        FileKind.Missing => "missing",
        FileKind.Plain => "a plain file",
        FileKind.Directory => "a directory",
        FileKind.Pipe => "a pipe",
        FileKind.Socket => "a socket",
        FileKind.CharacterDevice => "a device",
        _ => "a block device",
    };

    /// <summary>Throws when there is something at <paramref name="path"/> that is no plain file. What is missing is left to whoever opens it.</summary>
    /// <exception cref="IOException">It is not plain; the message says what it is, without its name: <c>is a pipe, not a plain file</c>.</exception>
    public static void Require(string path)
    {
        if (KindOf(path) is not (FileKind.Plain or FileKind.Missing) and var kind)
        {
            throw new IOException($"is {Describe(kind)}, not a plain file");
        }
    }

    /// <summary>Could this process write a plain file at <paramref name="path"/>? Nothing is opened or made.</summary>
    /// <param name="path">The file, which may be missing.</param>
    /// <param name="makesFolders">Whether whoever writes it makes the folders that are missing.</param>
    /// <returns>Null when it could; otherwise the reason, to follow the file's name: <c>is a directory, not a plain file</c>.</returns>
    public static string? WhyNotWritable(string path, bool makesFolders)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (path.Contains('\0', StringComparison.Ordinal))
        {
            return "is no path";
        }

        var kind = KindOf(path);
        if (kind != FileKind.Missing)
        {
            return kind != FileKind.Plain ? $"is {Describe(kind)}, not a plain file" : MayWrite(path) ? null : "may not be written: permission denied";
        }

        string? folder = Path.GetDirectoryName(Path.GetFullPath(path));
        while (makesFolders && folder is not null && KindOf(folder) == FileKind.Missing)
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder is null || KindOf(folder) == FileKind.Missing ? "has no folder"
            : KindOf(folder) != FileKind.Directory ? $"cannot be made: {folder} is not a directory"
            : MayWrite(folder) ? null : $"cannot be made in {folder}: permission denied";
    }

    /// <summary>The whole of a plain file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="maxLength">Bytes that it may have; below 2 GiB.</param>
    /// <exception cref="FileNotFoundException">It does not exist.</exception>
    /// <exception cref="DirectoryNotFoundException">Its folder does not exist.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    /// <exception cref="IOException">It is no plain file, is too long, or cannot be read; the message says which, without its name.</exception>
    public static byte[] Read(string path, int maxLength)
    {
        Require(path);
        using var handle = File.OpenHandle(path);
        long length = RandomAccess.GetLength(handle);
        // Files of /proc say 0, and others may grow while they are read: what counts is what comes.
        byte[] bytes = new byte[Math.Clamp(length, 4095, maxLength) + 1];
        int count = 0;
        while (length <= maxLength)
        {
            int more = RandomAccess.Read(handle, bytes.AsSpan(count), count);
            if (more == 0)
            {
                return bytes[..count];
            }

            count += more;
            if (count > maxLength)
            {
                break;
            }

            if (count == bytes.Length)
            {
                Array.Resize(ref bytes, (int)Math.Min(2L * count, maxLength + 1L));
            }
        }

        throw new IOException($"is longer than the {maxLength} bytes that it may have");
    }

    private static bool MayWrite(string path) => FileCalls.Allows(Name(path), FileCalls.WriteAllowed);

    private static byte[] Name(string path) => [.. Encoding.UTF8.GetBytes(path), 0];
}
