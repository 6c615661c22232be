using System.Runtime.InteropServices;
using System.Text;
using Outrider.Plugins.Text;

namespace Outrider.Plugins.Modules.Linking;

/// <summary>
/// The C library's loader. .NET's own <see cref="NativeLibrary"/> has no word for "visible to all", which the callbacks have to
/// be. Strings are copied for the length of a call; handles are kept for ever, for a module is never unloaded.
/// </summary>
internal static unsafe partial class DynamicLinker
{
    // bits/dlfcn.h, the same in glibc and musl.
    private const int Now = 2;
    private const int Global = 0x100;

    /// <summary>Loads a library, with everything that it refers to found at once.</summary>
    /// <param name="path">The file.</param>
    /// <param name="global">May libraries that are loaded later refer to what this one exports?</param>
    /// <exception cref="IOException">The loader refuses; the message is its own.</exception>
    internal static nint Load(string path, bool global)
    {
        // Its first call has .NET look for it, with the same loader, whose errors would hide ours: so once before.
        _ = dlerror();
        nint handle = dlopen(path, Now | (global ? Global : 0));
        return handle != 0 ? handle : throw new IOException(Error());
    }

    /// <summary>The address of a symbol, or 0.</summary>
    internal static nint Find(nint handle, string symbol) => NativeLibrary.TryGetExport(handle, symbol, out nint address) ? address : 0;

    /// <summary>A file without a name that holds these bytes, open until the process ends.</summary>
    /// <returns>A path that leads to it, in this process.</returns>
    /// <exception cref="IOException">The system has no memory for it.</exception>
    internal static string WriteNamelessFile(string name, ReadOnlySpan<byte> bytes)
    {
        int descriptor = memfd_create(name, 0);
        if (descriptor < 0)
        {
            throw new IOException($"memfd_create: {Marshal.GetLastPInvokeErrorMessage()}");
        }

        string path = $"/proc/self/fd/{descriptor}";
        using var file = new FileStream(path, FileMode.Open, FileAccess.Write);
        file.Write(bytes);
        return path;
    }

    private static string Error()
    {
        byte* text = dlerror();
        return text is null ? "the library cannot be loaded" : VisibleText.Of(Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text)));
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint dlopen(string path, int flags);

    [LibraryImport("libc")]
    private static partial byte* dlerror();

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int memfd_create(string name, uint flags);
}
