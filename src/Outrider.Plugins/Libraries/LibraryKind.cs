using Outrider.Filters;
using Outrider.Plugins.Modules.Linking;

namespace Outrider.Plugins.Libraries;

/// <summary>What a library's file is, by its own header and not by its name.</summary>
internal static class LibraryKind
{
    /// <summary>The callbacks of the host that a module refers to, sorted.</summary>
    /// <exception cref="IOException">It is no shared library.</exception>
    internal static IEnumerable<string> CallbacksOf(string path) => ModuleImage.CallbacksOf(path).Select(ModuleImage.ShortName).Order(StringComparer.Ordinal);

    /// <summary>Is it a .NET assembly (a PE file, as on Windows)? Otherwise whoever loads modules looks further, and says what it is not.</summary>
    /// <exception cref="IOException">It is missing, no plain file, may not be read, or is neither an assembly nor a shared library.</exception>
    internal static bool IsAssembly(string path)
    {
        if (PlainFile.KindOf(path) == FileKind.Missing)
        {
            throw new IOException($"there is no file {path}");
        }

        Span<byte> header = stackalloc byte[4];
        int length;
        try
        {
            PlainFile.Require(path);
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            length = RandomAccess.Read(file, header, 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"cannot load the library {path}: {e.Message}", e);
        }

        // A short or foreign file is what a module's loader names in its own words.
        return header[..length].StartsWith("MZ"u8);
    }
}
