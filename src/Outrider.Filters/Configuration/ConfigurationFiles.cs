using System.Runtime.InteropServices;

namespace Outrider.Filters;

/// <summary>
/// Reads files that a filter's configuration names. What is no plain file is refused before it is opened, as a pipe would make the reader wait for
/// ever and a device may have no end; and no file is read past a limit. Any thread.
/// </summary>
/// <param name="baseDirectory">Where relative paths begin.</param>
public sealed partial class ConfigurationFiles(string baseDirectory)
{
    // statx(2): the mode of a struct statx, and the kinds of file in it.
    private const int CurrentDirectory = -100;
    private const uint WantedKind = 1;
    private const int ModeAt = 28;
    private const int KindMask = 0xF000;
    private const int Plain = 0x8000;

    /// <summary>Where relative paths begin: the folder of the configuration file; in Envoy and nginx the folder where the process runs.</summary>
    public string BaseDirectory => baseDirectory;

    /// <summary>Where it is noted what was read; null for nowhere.</summary>
    internal ConfigurationUses? Uses { get; init; }

    /// <summary>The whole of a file.</summary>
    /// <param name="path">Where in the configuration the file is named, for errors: <c>$.users_file</c>.</param>
    /// <param name="file">The file; a relative path begins at <see cref="BaseDirectory"/>.</param>
    /// <param name="maxLength">Bytes that it may have; above 0.</param>
    /// <exception cref="FilterConfigurationException">It does not exist, is no plain file, is longer, or may not be read.</exception>
    public byte[] Read(string path, string file, int maxLength)
    {
        ArgumentException.ThrowIfNullOrEmpty(file);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxLength);
        string whole = Path.Combine(baseDirectory, file);
        try
        {
            Span<byte> status = stackalloc byte[256];
            if (StatX(CurrentDirectory, whole, 0, WantedKind, ref status[0]) == 0 && (MemoryMarshal.Read<ushort>(status[ModeAt..]) & KindMask) != Plain)
            {
                throw new FilterConfigurationException(path, $"'{whole}' is no plain file");
            }

            using var stream = new FileStream(whole, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1);
            byte[] bytes = new byte[Math.Min(Math.Max(stream.Length, 4095), maxLength) + 1];
            int count = 0;
            while (stream.Read(bytes, count, bytes.Length - count) is > 0 and var more)
            {
                count += more;
                if (count > maxLength)
                {
                    throw new FilterConfigurationException(path, $"'{whole}' is longer than the {maxLength} bytes that it may have");
                }

                if (count == bytes.Length)
                {
                    Array.Resize(ref bytes, (int)Math.Min(2L * count, maxLength + 1L));
                }
            }

            Uses?.AddFile(baseDirectory, file, maxLength, bytes.AsSpan(0, count));
            return bytes[..count];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new FilterConfigurationException(path, $"'{whole}' cannot be read: {e.Message}", e);
        }
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(int directory, string path, int flags, uint mask, ref byte status);
}
