using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Outrider.Plugins.Modules.Linking;

/// <summary>
/// Writes a shared library that exports functions which only jump: each through a slot of its own, an address that is filled
/// in after the library is loaded. That is how functions of a managed program get names that other libraries can refer to,
/// without a C compiler: an ELF image of two segments (System V ABI, chapters 4 and 5; "hash" as chapter 5.8 has it). Names
/// that have no function share one slot behind the others, for a function that is told which of them was called.
/// </summary>
internal static class CallbackLibrary
{
    /// <summary>The exported name of the slots: one address for each function, in their order.</summary>
    internal const string SlotsSymbol = "outrider_module_callback_slots";

    private const int HeaderSize = 64;
    private const int ProgramHeaderSize = 56;
    private const int SymbolSize = 24;
    private const int StubSize = 16;
    private const int SharedSize = 48;

    // What any arm64 kernel uses at most; x86-64 has 4 KiB.
    private const int PageSize = 64 * 1024;

    /// <summary>The image, for the machine that this runs on.</summary>
    /// <exception cref="PlatformNotSupportedException">Neither x86-64 nor arm64.</exception>
    internal static byte[] Write(IReadOnlyList<string> functions, IReadOnlyList<string> others)
        => Write(functions, others, RuntimeInformation.ProcessArchitecture);

    /// <summary>The image, for that machine.</summary>
    internal static byte[] Write(IReadOnlyList<string> functions, IReadOnlyList<string> others, Architecture architecture)
    {
        ushort machine = architecture switch
        {
            Architecture.X64 => 62,
            Architecture.Arm64 => 183,
            _ => throw new PlatformNotSupportedException($"modules run on x86-64 and arm64, not on {architecture}"),
        };
        var names = new MemoryStream();
        names.WriteByte(0);
        int soname = AddName(names, "liboutrider-callbacks.so");
        string[] symbols = [.. functions, .. others, SlotsSymbol];
        int[] nameOffsets = [.. symbols.Select(symbol => AddName(names, symbol))];

        int stubs = functions.Count + others.Count;
        int slots = functions.Count + 1;
        int symbolCount = symbols.Length + 1;
        int hashAt = HeaderSize + (4 * ProgramHeaderSize);
        int hashSize = 4 * (2 + symbolCount + symbolCount);
        int symbolsAt = Align(hashAt + hashSize, 8);
        int namesAt = symbolsAt + (symbolCount * SymbolSize);
        int textAt = Align(namesAt + (int)names.Length, 16);
        int sharedAt = textAt + (stubs * StubSize);
        int textEnd = sharedAt + SharedSize;
        int dynamicAt = Align(textEnd, PageSize);
        const int DynamicSize = 7 * 16;
        int slotsAt = dynamicAt + DynamicSize;
        int end = slotsAt + (slots * 8);

        byte[] image = new byte[end];
        WriteHeader(image, machine);
        WriteSegment(image, 0, type: 1, flags: 5, 0, textEnd, PageSize);
        WriteSegment(image, 1, type: 1, flags: 6, dynamicAt, end - dynamicAt, PageSize);
        WriteSegment(image, 2, type: 2, flags: 6, dynamicAt, DynamicSize, 8);
        // PT_GNU_STACK without X, or the loader would make every thread's stack executable.
        WriteSegment(image, 3, type: 0x6474e551, flags: 6, 0, 0, 16);
        names.ToArray().CopyTo(image, namesAt);
        for (int i = 0; i < symbols.Length; i++)
        {
            bool isSlots = i == stubs;
            WriteSymbol(
                image.AsSpan(symbolsAt + ((i + 1) * SymbolSize)),
                nameOffsets[i],
                isObject: isSlots,
                isSlots ? slotsAt : textAt + (i * StubSize),
                isSlots ? slots * 8 : StubSize);
        }

        WriteHash(image.AsSpan(hashAt), symbols);
        for (int i = 0; i < functions.Count; i++)
        {
            int at = textAt + (i * StubSize);
            CallbackStubs.WriteJump(image.AsSpan(at, StubSize), architecture, at, slotsAt + (i * 8));
        }

        for (int i = 0; i < others.Count; i++)
        {
            int at = textAt + ((functions.Count + i) * StubSize);
            CallbackStubs.WriteNumbered(image.AsSpan(at, StubSize), architecture, i, at, sharedAt);
        }

        CallbackStubs.WriteShared(image.AsSpan(sharedAt, SharedSize), architecture, sharedAt, slotsAt + (functions.Count * 8));

        ReadOnlySpan<(long Tag, long Value)> dynamic =
            [(14, soname), (4, hashAt), (5, namesAt), (10, names.Length), (6, symbolsAt), (11, SymbolSize), (0, 0)];
        for (int i = 0; i < dynamic.Length; i++)
        {
            Put64(image, dynamicAt + (i * 16), dynamic[i].Tag);
            Put64(image, dynamicAt + (i * 16) + 8, dynamic[i].Value);
        }

        return image;
    }

    private static void WriteHeader(Span<byte> image, ushort machine)
    {
        ReadOnlySpan<byte> identification = [0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1, 0];
        identification.CopyTo(image);
        Put16(image, 16, 3);
        Put16(image, 18, machine);
        Put32(image, 20, 1);
        Put64(image, 32, HeaderSize);
        Put16(image, 52, HeaderSize);
        Put16(image, 54, ProgramHeaderSize);
        Put16(image, 56, 4);
        Put16(image, 58, 64);
    }

    private static void WriteSegment(Span<byte> image, int index, uint type, uint flags, int at, int size, int alignment)
    {
        var header = image.Slice(HeaderSize + (index * ProgramHeaderSize), ProgramHeaderSize);
        Put32(header, 0, type);
        Put32(header, 4, flags);
        Put64(header, 8, at);
        Put64(header, 16, at);
        Put64(header, 24, at);
        Put64(header, 32, size);
        Put64(header, 40, size);
        Put64(header, 48, alignment);
    }

    private static void WriteSymbol(Span<byte> symbol, int name, bool isObject, int at, int size)
    {
        Put32(symbol, 0, (uint)name);
        // STB_GLOBAL with STT_OBJECT or STT_FUNC, default visibility, in "some" section: there are none, and 0 would mean undefined.
        symbol[4] = (byte)(isObject ? 0x11 : 0x12);
        Put16(symbol, 6, 1);
        Put64(symbol, 8, at);
        Put64(symbol, 16, size);
    }

    private static void WriteHash(Span<byte> table, string[] symbols)
    {
        int buckets = symbols.Length + 1;
        Put32(table, 0, (uint)buckets);
        Put32(table, 4, (uint)buckets);
        var bucket = table[8..];
        var chain = table[(8 + (4 * buckets))..];
        for (int i = 0; i < symbols.Length; i++)
        {
            int at = (int)(Hash(symbols[i]) % (uint)buckets) * 4;
            Put32(chain, (i + 1) * 4, BinaryPrimitives.ReadUInt32LittleEndian(bucket[at..]));
            Put32(bucket, at, (uint)(i + 1));
        }
    }

    private static uint Hash(string name)
    {
        uint hash = 0;
        foreach (byte c in Encoding.ASCII.GetBytes(name))
        {
            hash = (hash << 4) + c;
            uint high = hash & 0xf000_0000;
            hash = (hash ^ (high >> 24)) & ~high;
        }

        return hash;
    }

    private static int AddName(MemoryStream names, string name)
    {
        int at = (int)names.Length;
        names.Write(Encoding.ASCII.GetBytes(name));
        names.WriteByte(0);
        return at;
    }

    private static int Align(int value, int to) => (value + to - 1) & -to;

    private static void Put16(Span<byte> image, int at, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(image[at..], value);

    private static void Put32(Span<byte> image, int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(image[at..], value);

    private static void Put64(Span<byte> image, int at, long value) => BinaryPrimitives.WriteInt64LittleEndian(image[at..], value);
}
