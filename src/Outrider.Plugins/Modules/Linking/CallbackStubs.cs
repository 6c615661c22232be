using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Outrider.Plugins.Modules.Linking;

/// <summary>The instructions of the functions that <see cref="CallbackLibrary"/> exports.</summary>
internal static class CallbackStubs
{
    /// <summary>A jump to the address in a slot.</summary>
    internal static void WriteJump(Span<byte> code, Architecture architecture, int at, int slot)
    {
        if (architecture == Architecture.X64)
        {
            // endbr64; jmp *slot(%rip)
            ReadOnlySpan<byte> jump = [0xf3, 0x0f, 0x1e, 0xfa, 0xff, 0x25];
            jump.CopyTo(code);
            BinaryPrimitives.WriteInt32LittleEndian(code[6..], slot - (at + 10));
            return;
        }

        // bti c; adrp x16, slot; ldr x16, [x16, #slot mod 4096]; br x16
        Put(code, 0xd503245f);
        PutLoad(code[4..], at + 4, slot);
        Put(code[12..], 0xd61f0200);
    }

    /// <summary>A jump to the shared code below, with a number.</summary>
    internal static void WriteNumbered(Span<byte> code, Architecture architecture, int number, int at, int shared)
    {
        if (architecture == Architecture.X64)
        {
            // endbr64; mov $number, %edi; jmp shared
            ReadOnlySpan<byte> mark = [0xf3, 0x0f, 0x1e, 0xfa, 0xbf];
            mark.CopyTo(code);
            BinaryPrimitives.WriteInt32LittleEndian(code[5..], number);
            code[9] = 0xe9;
            BinaryPrimitives.WriteInt32LittleEndian(code[10..], shared - (at + 14));
            return;
        }

        // bti c; mov w0, #number; b shared
        Put(code, 0xd503245f);
        Put(code[4..], 0x52800000 | ((uint)number << 5));
        Put(code[8..], 0x14000000 | ((uint)((shared - (at + 8)) >> 2) & 0x3ffffff));
    }

    /// <summary>
    /// A call of the address in a slot, which takes the number and answers with one. Whatever the caller expects (a number, an
    /// address, a floating-point number, two words), what is not that answer is 0.
    /// </summary>
    internal static void WriteShared(Span<byte> code, Architecture architecture, int at, int slot)
    {
        if (architecture == Architecture.X64)
        {
            // push %rbp, which aligns the stack; call *slot(%rip)
            ReadOnlySpan<byte> call = [0x55, 0xff, 0x15];
            call.CopyTo(code);
            BinaryPrimitives.WriteInt32LittleEndian(code[3..], slot - (at + 7));
            // xor %edx, %edx; xorps %xmm0, %xmm0; pop %rbp; ret
            ReadOnlySpan<byte> end = [0x31, 0xd2, 0x0f, 0x57, 0xc0, 0x5d, 0xc3];
            end.CopyTo(code[7..]);
            return;
        }

        // stp x29, x30, [sp, #-16]!; mov x29, sp; adrp x16, slot; ldr x16, [x16, …]; blr x16
        Put(code, 0xa9bf7bfd);
        Put(code[4..], 0x910003fd);
        PutLoad(code[8..], at + 8, slot);
        Put(code[16..], 0xd63f0200);
        // mov x1, #0; movi d0, #0; ldp x29, x30, [sp], #16; ret
        Put(code[20..], 0xd2800001);
        Put(code[24..], 0x2f00e400);
        Put(code[28..], 0xa8c17bfd);
        Put(code[32..], 0xd65f03c0);
    }

    // adrp x16, slot; ldr x16, [x16, #slot mod 4096]
    private static void PutLoad(Span<byte> code, int at, int slot)
    {
        uint pages = (uint)((slot >> 12) - (at >> 12));
        Put(code, 0x90000010 | ((pages & 3) << 29) | (((pages >> 2) & 0x7ffff) << 5));
        Put(code[4..], 0xf9400210 | (((uint)slot & 0xfff) >> 3 << 10));
    }

    private static void Put(Span<byte> code, uint instruction) => BinaryPrimitives.WriteUInt32LittleEndian(code, instruction);
}
