using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Outrider.Filters;

namespace Outrider.Plugins.Modules.Linking;

/// <summary>
/// What a library's file says of itself, read before it is loaded: whether it is one, which callbacks it refers to, and which hooks it has. Only the tables for that are
/// read, however large the file is.
/// </summary>
internal sealed class ModuleImage
{
    // Of a table: a library with a million symbols has 24 MB of them, and names that are longer.
    private const int MaxTable = 128 * 1024 * 1024;

    private const int HeaderLength = 64;
    private const int SectionLength = 64;
    private const int SymbolLength = 24;

    private const string CallbackPrefix = "envoy_dynamic_module_callback_";

    private readonly List<string> _callbacks = [], _hooks = [];

    private ModuleImage()
    {
    }

    /// <summary>The callbacks that it refers to, whether its linker looks for them at load or at the first call.</summary>
    internal IReadOnlyList<string> Callbacks => _callbacks;

    /// <summary>Envoy's functions that it has, without what all their names begin with: <c>program_init</c>, <c>http_filter_new</c>.</summary>
    internal IReadOnlyList<string> Hooks => _hooks;

    /// <summary>Reads the library at <paramref name="path"/>.</summary>
    /// <exception cref="IOException">It is no plain file, cannot be read, or is no ELF library of 64 bits for this machine.</exception>
    internal static ModuleImage Of(string path)
    {
        PlainFile.Require(path);
        using var file = File.OpenHandle(path);
        byte[] header = new byte[HeaderLength];
        if (RandomAccess.Read(file, header, 0) < HeaderLength || !header.AsSpan(0, 6).SequenceEqual("\u007fELF\u0002\u0001"u8) || Get16(header, 16) != 3)
        {
            throw new IOException("not a shared library (an ELF file of 64 bits)");
        }

        // The loader passes over such a file and says that there is none.
        ushort own = RuntimeInformation.ProcessArchitecture switch { Architecture.X64 => 62, Architecture.Arm64 => 183, _ => 0 };
        if (own != 0 && Get16(header, 18) != own)
        {
            string machine = Get16(header, 18) switch { 3 => "x86", 22 => "s390x", 40 => "arm", 62 => "x86-64", 183 => "arm64", 243 => "RISC-V", var other => $"machine {other}" };
            throw new IOException($"it is for another kind of machine ({machine}; this process is {RuntimeInformation.ProcessArchitecture})");
        }

        try
        {
            var image = new ModuleImage();
            image.Read(file, header);
            return image;
        }
        catch (Exception e) when (e is ArgumentOutOfRangeException or OverflowException)
        {
            throw new IOException("its ELF headers are damaged", e);
        }
    }

    private void Read(SafeFileHandle file, byte[] header)
    {
        int size = Get16(header, 58);
        int count = Get16(header, 60);
        ArgumentOutOfRangeException.ThrowIfLessThan(size, count > 0 ? SectionLength : 0);
        byte[] sections = Table(file, Get64(header, 40), (long)size * count);
        for (int i = 0; i < count; i++)
        {
            var section = sections.AsSpan(i * size);
            // SHT_DYNSYM; its link is the table of its names.
            if (BinaryPrimitives.ReadUInt32LittleEndian(section[4..]) != 11)
            {
                continue;
            }

            byte[] symbols = Table(file, Get64(section, 24), Get64(section, 32));
            var nameSection = sections.AsSpan(checked((int)BinaryPrimitives.ReadUInt32LittleEndian(section[40..]) * size));
            byte[] names = Table(file, Get64(nameSection, 24), Get64(nameSection, 32));
            for (int at = 0; at < symbols.Length; at += SymbolLength)
            {
                var name = names.AsSpan(checked((int)BinaryPrimitives.ReadUInt32LittleEndian(symbols.AsSpan(at))));
                name = name[..name.IndexOf((byte)0)];
                // st_shndx 0: defined elsewhere.
                bool isOwn = Get16(symbols, at + 6) != 0;
                if (isOwn && name.StartsWith(HookPrefix))
                {
                    _hooks.Add(Encoding.ASCII.GetString(name[HookPrefix.Length..]));
                }

                // A weak reference (STB_WEAK) may stay without an answer.
                if (!isOwn && symbols[at + 4] >> 4 != 2 && name.StartsWith("envoy_dynamic_module_callback_"u8))
                {
                    _callbacks.Add(Encoding.ASCII.GetString(name));
                }
            }
        }
    }

    private static ReadOnlySpan<byte> HookPrefix => "envoy_dynamic_module_on_"u8;

    private static byte[] Table(SafeFileHandle file, long at, long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(at);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((ulong)length, (ulong)MaxTable);
        // Before there is memory for it: a damaged header may claim more than there is.
        ArgumentOutOfRangeException.ThrowIfGreaterThan(at, RandomAccess.GetLength(file) - length);
        byte[] table = new byte[length];
        int count = 0;
        while (count < table.Length)
        {
            int more = RandomAccess.Read(file, table.AsSpan(count), at + count);
            ArgumentOutOfRangeException.ThrowIfZero(more);
            count += more;
        }

        return table;
    }

    /// <summary>The part of a callback's name that is its own.</summary>
    internal static string ShortName(string callback) => callback.StartsWith(CallbackPrefix, StringComparison.Ordinal) ? callback[CallbackPrefix.Length..] : callback;

    private static ushort Get16(ReadOnlySpan<byte> image, int at) => BinaryPrimitives.ReadUInt16LittleEndian(image[at..]);

    private static long Get64(ReadOnlySpan<byte> image, int at) => BinaryPrimitives.ReadInt64LittleEndian(image[at..]);
}
