using System.Buffers.Binary;
using System.Text;

namespace Outrider.Proxy.Listening;

/// <summary>Reads server name (RFC 6066 §3) and protocols (RFC 7301) out of the ClientHello (RFC 8446 §4.1.2) that a connection begins with.</summary>
internal struct ClientHello
{
    private const byte HandshakeRecord = 22;
    private const byte ClientHelloMessage = 1;
    private const int RecordHeader = 5;
    private const ushort ServerNameExtension = 0;
    private const ushort ProtocolsExtension = 16;

    /// <summary>The name; null where the client asks for none.</summary>
    internal string? ServerName { get; private set; }

    /// <summary>The protocols, the client's favourite first.</summary>
    internal IReadOnlyList<string> ApplicationProtocols { get; private set; } = [];

    public ClientHello()
    {
    }

    /// <summary>Looks at the first bytes.</summary>
    /// <param name="bytes">From the first one on.</param>
    /// <param name="most">A longer ClientHello is malformed.</param>
    internal ClientHelloState Read(ReadOnlySpan<byte> bytes, int most)
    {
        if (bytes.IsEmpty)
        {
            return ClientHelloState.Incomplete;
        }

        // Record type, and a version of 3.x.
        if (bytes[0] != HandshakeRecord || (bytes.Length > 1 && bytes[1] != 3))
        {
            return ClientHelloState.NotTls;
        }

        if (bytes.Length < RecordHeader)
        {
            return ClientHelloState.Incomplete;
        }

        int length = BinaryPrimitives.ReadUInt16BigEndian(bytes[3..]);
        if (length == 0 || length > 16 * 1024)
        {
            return ClientHelloState.Malformed;
        }

        var first = bytes[RecordHeader..Math.Min(bytes.Length, RecordHeader + length)];
        if (first.Length > 0 && first[0] != ClientHelloMessage)
        {
            return ClientHelloState.Malformed;
        }

        if (first.Length < 4)
        {
            return bytes.Length < RecordHeader + length ? ClientHelloState.Incomplete : Gather(bytes, most);
        }

        int size = 4 + (first[1] << 16 | first[2] << 8 | first[3]);
        if (size > most)
        {
            return ClientHelloState.Malformed;
        }

        if (first.Length >= size)
        {
            return Parse(first[4..size]) ? ClientHelloState.Complete : ClientHelloState.Malformed;
        }

        return bytes.Length < RecordHeader + length ? ClientHelloState.Incomplete : Gather(bytes, most);
    }

    // A ClientHello in several records: rare, and so is the array.
    private ClientHelloState Gather(ReadOnlySpan<byte> bytes, int most)
    {
        var whole = new byte[most];
        int count = 0;
        while (bytes.Length >= RecordHeader)
        {
            int length = BinaryPrimitives.ReadUInt16BigEndian(bytes[3..]);
            if (bytes[0] != HandshakeRecord || length == 0)
            {
                return ClientHelloState.Malformed;
            }

            var piece = bytes[RecordHeader..Math.Min(bytes.Length, RecordHeader + length)];
            if (count + piece.Length > most)
            {
                piece = piece[..(most - count)];
            }

            piece.CopyTo(whole.AsSpan(count));
            count += piece.Length;
            int size = count < 4 ? int.MaxValue : 4 + (whole[1] << 16 | whole[2] << 8 | whole[3]);
            if (count >= 4 && size > most)
            {
                return ClientHelloState.Malformed;
            }

            if (count >= size)
            {
                return Parse(whole.AsSpan(4, size - 4)) ? ClientHelloState.Complete : ClientHelloState.Malformed;
            }

            bytes = bytes[Math.Min(bytes.Length, RecordHeader + length)..];
        }

        return ClientHelloState.Incomplete;
    }

    private bool Parse(ReadOnlySpan<byte> hello)
    {
        // Version and random; session, cipher suites, compression methods; then the extensions, which old clients have not.
        if (!Skip(ref hello, 34) || !Take(ref hello, 1, out _) || !Take(ref hello, 2, out _) || !Take(ref hello, 1, out _))
        {
            return false;
        }

        if (hello.IsEmpty)
        {
            return true;
        }

        if (!Take(ref hello, 2, out var extensions))
        {
            return false;
        }

        while (!extensions.IsEmpty)
        {
            if (extensions.Length < 2)
            {
                return false;
            }

            ushort type = BinaryPrimitives.ReadUInt16BigEndian(extensions);
            extensions = extensions[2..];
            if (!Take(ref extensions, 2, out var content)
                || (type == ServerNameExtension && !ReadNames(content))
                || (type == ProtocolsExtension && !ReadProtocols(content)))
            {
                return false;
            }
        }

        return true;
    }

    private bool ReadNames(ReadOnlySpan<byte> content)
    {
        if (!Take(ref content, 2, out var names))
        {
            return false;
        }

        while (!names.IsEmpty)
        {
            byte type = names[0];
            names = names[1..];
            if (!Take(ref names, 2, out var name))
            {
                return false;
            }

            if (type == 0 && ServerName is null)
            {
                // A name of the DNS is ASCII; one with a zero in it would be another name to whoever stops there.
                if (name.IsEmpty || name.Contains((byte)0) || !Ascii.IsValid(name))
                {
                    return false;
                }

                ServerName = Encoding.ASCII.GetString(name).ToLowerInvariant();
            }
        }

        return true;
    }

    private bool ReadProtocols(ReadOnlySpan<byte> content)
    {
        if (!Take(ref content, 2, out var list))
        {
            return false;
        }

        List<string> protocols = [];
        while (!list.IsEmpty)
        {
            if (!Take(ref list, 1, out var protocol) || protocol.IsEmpty)
            {
                return false;
            }

            protocols.Add(Encoding.Latin1.GetString(protocol));
        }

        ApplicationProtocols = protocols;
        return true;
    }

    private static bool Skip(ref ReadOnlySpan<byte> bytes, int count)
    {
        if (bytes.Length < count)
        {
            return false;
        }

        bytes = bytes[count..];
        return true;
    }

    /// <summary>Takes a vector whose length stands before it in so many bytes.</summary>
    private static bool Take(ref ReadOnlySpan<byte> bytes, int lengthSize, out ReadOnlySpan<byte> content)
    {
        content = default;
        if (bytes.Length < lengthSize)
        {
            return false;
        }

        int length = lengthSize == 1 ? bytes[0] : BinaryPrimitives.ReadUInt16BigEndian(bytes);
        if (bytes.Length < lengthSize + length)
        {
            return false;
        }

        content = bytes.Slice(lengthSize, length);
        bytes = bytes[(lengthSize + length)..];
        return true;
    }
}
