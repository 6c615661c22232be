using Outrider.Filters;
using Outrider.Plugins.Modules.Linking;

namespace Outrider.Plugins.Libraries;

/// <summary>What a library's file is, by its own header and not by its name.</summary>
internal static class LibraryKind
{
    /// <summary>What a module has of Envoy's functions and what it refers to, both sorted and without what all names begin with.</summary>
    /// <exception cref="IOException">It is no shared library for this machine, or no module of Envoy's ABI.</exception>
    internal static (IReadOnlyList<string> Hooks, IReadOnlyList<string> Callbacks) Examine(string path)
    {
        ModuleImage image;
        try
        {
            image = ModuleImage.Of(path);
        }
        catch (IOException e)
        {
            throw new IOException($"cannot load the library {path}: {e.Message}", e);
        }

        return image.Hooks.Contains("program_init")
            ? ([.. image.Hooks.Order(StringComparer.Ordinal)], [.. image.Callbacks.Select(ModuleImage.ShortName).Order(StringComparer.Ordinal)])
            : throw new IOException($"cannot load the library {path}: it is no module of Envoy's ABI: it has no function envoy_dynamic_module_on_program_init");
    }

    /// <summary>Is it a .NET assembly (a PE file, as on Windows)? Otherwise it is an ELF file, of which whoever loads modules says what is wrong with it.</summary>
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

        bool isAssembly = header[..length].StartsWith("MZ"u8);
        // What is wrong with a shared library its loader says.
        return isAssembly || header[..length].StartsWith("\u007fELF"u8) ? isAssembly
            : throw new IOException($"cannot load the library {path}: neither a .NET assembly nor a shared library (an ELF file of 64 bits)");
    }
}
