using System.Buffers.Binary;
using System.Text;
using Outrider.Net.Files;

namespace Outrider.Plugins.Modules.Linking;

/// <summary>What a library's file says of itself, read before it is loaded: whether it is one, and which callbacks it refers to.</summary>
internal static class ModuleImage
{
    // A library with all symbols of a debug build has some hundred megabytes.
    private const int MaxLength = 1 << 30;

    private const string CallbackPrefix = "envoy_dynamic_module_callback_";

    /// <summary>The callbacks that the library at <paramref name="path"/> refers to, whether its linker looks for them at load or at the first call.</summary>
    /// <exception cref="IOException">It cannot be read, or is no ELF library of 64 bits.</exception>
    internal static IReadOnlyList<string> CallbacksOf(string path)
    {
        byte[] image = PlainFile.Read(path, MaxLength);
        if (image.Length < 64 || !image.AsSpan(0, 6).SequenceEqual("\u007fELF\u0002\u0001"u8) || Get16(image, 16) != 3)
        {
            throw new IOException("not a shared library (an ELF file of 64 bits)");
        }

        try
        {
            return Read(image);
        }
        catch (Exception e) when (e is ArgumentOutOfRangeException or OverflowException)
        {
            throw new IOException("its ELF headers are damaged", e);
        }
    }

    private static List<string> Read(byte[] image)
    {
        var found = new List<string>();
        int sections = (int)Get64(image, 40);
        int size = Get16(image, 58);
        int count = Get16(image, 60);
        for (int i = 0; i < count; i++)
        {
            var section = image.AsSpan(sections + (i * size));
            // SHT_DYNSYM; its link is the table of its names.
            if (BinaryPrimitives.ReadUInt32LittleEndian(section[4..]) != 11)
            {
                continue;
            }

            int at = (int)Get64(section, 24);
            int end = at + (int)Get64(section, 32);
            var nameSection = image.AsSpan(sections + ((int)BinaryPrimitives.ReadUInt32LittleEndian(section[40..]) * size));
            var names = image.AsSpan((int)Get64(nameSection, 24), (int)Get64(nameSection, 32));
            for (; at < end; at += 24)
            {
                // st_shndx 0: defined elsewhere.
                if (Get16(image, at + 6) != 0)
                {
                    continue;
                }

                var name = names[(int)BinaryPrimitives.ReadUInt32LittleEndian(image.AsSpan(at))..];
                name = name[..name.IndexOf((byte)0)];
                // A weak reference (STB_WEAK) may stay without an answer.
                if (image[at + 4] >> 4 != 2 && name.StartsWith("envoy_dynamic_module_callback_"u8))
                {
                    found.Add(Encoding.ASCII.GetString(name));
                }
            }
        }

        return found;
    }

    /// <summary>The part of a callback's name that is its own.</summary>
    internal static string ShortName(string callback) => callback.StartsWith(CallbackPrefix, StringComparison.Ordinal) ? callback[CallbackPrefix.Length..] : callback;

    private static ushort Get16(ReadOnlySpan<byte> image, int at) => BinaryPrimitives.ReadUInt16LittleEndian(image[at..]);

    private static long Get64(ReadOnlySpan<byte> image, int at) => BinaryPrimitives.ReadInt64LittleEndian(image[at..]);
}
