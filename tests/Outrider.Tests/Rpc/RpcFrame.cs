using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Outrider.Http.Headers;

namespace Outrider.Tests.Rpc;

/// <summary>
/// One frame: the length of what follows (4 bytes), the id of the call (4), the kind (1), the length of its head (2), the head, the body. The head's first
/// line is the service that is called, or an answer's status; the others are fields.
/// </summary>
internal readonly ref struct RpcFrame(ReadOnlySpan<byte> whole)
{
    internal const byte Call = 0, OneWay = 1, Answer = 2, Failed = 3, Ping = 4, Pong = 5;
    private const int Prefix = 11, MaxLength = 1 << 20;
    private readonly ReadOnlySpan<byte> _whole = whole;

    internal uint Id => BinaryPrimitives.ReadUInt32BigEndian(_whole[4..]);

    internal byte Kind => _whole[8];

    internal ReadOnlySpan<byte> Word => Head[..Head.IndexOf((byte)'\n')];

    internal ReadOnlySpan<byte> Body => _whole.IsEmpty ? default : _whole[(Prefix + Head.Length)..];

    private ReadOnlySpan<byte> Head => _whole.IsEmpty ? default : _whole.Slice(Prefix, BinaryPrimitives.ReadUInt16BigEndian(_whole[9..]));

    /// <summary>How many bytes the first frame takes; 0 while it is not whole, −1 where it cannot become one.</summary>
    internal static int Length(ReadOnlySpan<byte> data)
    {
        if (data.Length < Prefix)
        {
            return 0;
        }

        long length = BinaryPrimitives.ReadUInt32BigEndian(data) + 4L;
        int head = BinaryPrimitives.ReadUInt16BigEndian(data[9..]);
        bool isOne = length <= MaxLength && length >= Prefix + head && data[8] <= Pong;
        return !isOne ? -1 : data.Length < length ? 0 : data[8] <= Answer && data.Slice(Prefix, head).IndexOf((byte)'\n') <= 0 ? -1 : (int)length;
    }

    /// <summary>Begins a frame in a buffer: what is written after that is its body.</summary>
    internal static void Begin(ArrayBufferWriter<byte> to, uint id, byte kind, ReadOnlySpan<byte> word = default, HeaderBlock? fields = null)
    {
        to.ResetWrittenCount();
        to.Write<byte>([0, 0, 0, 0, (byte)(id >> 24), (byte)(id >> 16), (byte)(id >> 8), (byte)id, kind, 0, 0]);
        to.Write(word);
        to.Write("\n"u8[..(kind <= Answer ? 1 : 0)]);
        for (int i = 0; i < (fields?.Count ?? 0); i++)
        {
            to.Write<byte>([.. fields!.NameAt(i), (byte)':', .. fields.ValueAt(i), (byte)'\n']);
        }

        BinaryPrimitives.WriteUInt16BigEndian(MemoryMarshal.AsMemory(to.WrittenMemory).Span[9..], checked((ushort)(to.WrittenCount - Prefix)));
    }

    /// <summary>The frame that was begun, with its length.</summary>
    internal static ReadOnlySpan<byte> End(ArrayBufferWriter<byte> frame)
    {
        BinaryPrimitives.WriteUInt32BigEndian(MemoryMarshal.AsMemory(frame.WrittenMemory).Span, (uint)frame.WrittenCount - 4);
        return frame.WrittenSpan;
    }

    internal void ReadFields(HeaderBlock into)
    {
        foreach (var range in Head.Split((byte)'\n'))
        {
            if (Head[range].IndexOf((byte)':') is > 0 and var colon)
            {
                into.Add(Head[range][..colon], Head[range][(colon + 1)..]);
            }
        }
    }
}
