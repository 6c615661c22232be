using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Text;

namespace Outrider.Upstream.Discovery;

/// <summary>Questions and answers of DNS as they are sent (RFC 1035 §4), as far as addresses are concerned.</summary>
internal static class DnsMessage
{
    /// <summary>The type of IPv4 addresses.</summary>
    public const ushort A = 1;

    /// <summary>The type of IPv6 addresses.</summary>
    public const ushort Aaaa = 28;

    private const int HeaderLength = 12;
    private const int NoSuchName = 3;

    /// <summary>A question for the addresses of a name; null where no question can be made of it.</summary>
    public static byte[]? Question(ushort id, string name, ushort type)
    {
        var message = new List<byte>(HeaderLength + name.Length + 6);
        Span<byte> header = stackalloc byte[HeaderLength];
        header.Clear();
        BinaryPrimitives.WriteUInt16BigEndian(header, id);
        // Recursion is desired, one question.
        header[2] = 1;
        header[5] = 1;
        message.AddRange(header);
        string ascii;
        try
        {
            ascii = new IdnMapping().GetAscii(name.TrimEnd('.'));
        }
        catch (ArgumentException)
        {
            // Underscores and the like, which names of services have.
            ascii = name.TrimEnd('.');
        }

        foreach (string label in ascii.Split('.'))
        {
            byte[] bytes = Encoding.ASCII.GetBytes(label);
            if (bytes.Length is 0 or > 63)
            {
                return null;
            }

            message.Add((byte)bytes.Length);
            message.AddRange(bytes);
        }

        message.AddRange([0, (byte)(type >> 8), (byte)type, 0, 1]);
        return message.Count - HeaderLength > 255 + 4 ? null : [.. message];
    }

    /// <summary>Was the answer cut, so that it has to be asked for by TCP?</summary>
    public static bool IsCut(ReadOnlySpan<byte> answer) => answer.Length > 2 && (answer[2] & 2) != 0;

    /// <summary>Is that an answer to the question?</summary>
    public static bool Answers(ReadOnlySpan<byte> answer, ReadOnlySpan<byte> question)
        => answer.Length >= question.Length && answer[..2].SequenceEqual(question[..2]) && (answer[2] & 0x80) != 0
            && BinaryPrimitives.ReadUInt16BigEndian(answer[4..]) == 1 && EqualsIgnoreCase(answer[HeaderLength..question.Length], question[HeaderLength..]);

    /// <summary>Reads an answer to the question.</summary>
    /// <exception cref="FormatException">It is none, or says that there was an error.</exception>
    public static DnsAnswer Read(ReadOnlySpan<byte> answer, ReadOnlySpan<byte> question, ushort type)
    {
        int code = answer[3] & 15;
        if (code is not 0 and not NoSuchName)
        {
            throw new FormatException($"the server answered with the error {code} (RFC 1035 §4.1.1)");
        }

        List<IPAddress> addresses = [];
        uint lifetime = uint.MaxValue;
        int at = question.Length;
        for (int records = BinaryPrimitives.ReadUInt16BigEndian(answer[6..]); records > 0; records--)
        {
            at = SkipName(answer, at);
            if (answer.Length < at + 10)
            {
                throw new FormatException("the answer is too short");
            }

            ushort kind = BinaryPrimitives.ReadUInt16BigEndian(answer[at..]);
            uint ttl = BinaryPrimitives.ReadUInt32BigEndian(answer[(at + 4)..]);
            int length = BinaryPrimitives.ReadUInt16BigEndian(answer[(at + 8)..]);
            at += 10;
            if (answer.Length < at + length)
            {
                throw new FormatException("the answer is too short");
            }

            // A name that stands for another one holds as long as the shortest of them (RFC 2181 §8: with the first bit set, no time).
            lifetime = Math.Min(lifetime, ttl > int.MaxValue ? 0 : ttl);
            if (kind == type && length == (type == A ? 4 : 16))
            {
                addresses.Add(new IPAddress(answer.Slice(at, length)));
            }

            at += length;
        }

        return new DnsAnswer(addresses, TimeSpan.FromSeconds(lifetime == uint.MaxValue ? 0 : lifetime));
    }

    private static int SkipName(ReadOnlySpan<byte> message, int at)
    {
        while (at < message.Length)
        {
            int length = message[at];
            if (length == 0)
            {
                return at + 1;
            }

            if (length >= 0xC0)
            {
                return at + 2;
            }

            at += length + 1;
        }

        throw new FormatException("the answer is too short");
    }

    private static bool EqualsIgnoreCase(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b) => Ascii.EqualsIgnoreCase(a, b);
}
