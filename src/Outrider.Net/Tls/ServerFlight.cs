using System.Buffers.Binary;

namespace Outrider.Net.Tls;

/// <summary>Looks into the first bytes that a TLS server answers with: <see cref="System.Net.Security.SslStream"/> does not tell whether it resumed a session.</summary>
internal static class ServerFlight
{
    private const byte HandshakeRecord = 22;
    private const byte ServerHello = 2;
    private const byte Certificate = 11;
    private const ushort PreSharedKey = 41;
    private const ushort SupportedVersions = 43;
    private const int RecordHeader = 5;
    private const int MessageHeader = 4;

    /// <summary>
    /// Does this flight resume a session? TLS 1.3 says so in the <c>ServerHello</c> (RFC 8446 §4.2.11); TLS 1.2 does it by going
    /// straight on without a certificate (RFC 5246 §7.3). What cannot be read counts as no.
    /// </summary>
    internal static bool IsResumption(ReadOnlySpan<byte> flight)
    {
        if (flight.Length < RecordHeader + MessageHeader || flight[0] != HandshakeRecord || flight[RecordHeader] != ServerHello)
        {
            return false;
        }

        int record = RecordHeader + BinaryPrimitives.ReadUInt16BigEndian(flight[3..]);
        int hello = RecordHeader + MessageHeader + (flight[6] << 16 | BinaryPrimitives.ReadUInt16BigEndian(flight[7..]));
        if (record > flight.Length || hello > record)
        {
            return false;
        }

        // Version, random, session id, cipher suite, compression.
        var body = flight[(RecordHeader + MessageHeader)..hello];
        int at = 2 + 32;
        at = at < body.Length ? at + 1 + body[at] + 2 + 1 + 2 : body.Length;
        bool isTls13 = false;
        while (at + 4 <= body.Length)
        {
            ushort extension = BinaryPrimitives.ReadUInt16BigEndian(body[at..]);
            if (extension == PreSharedKey)
            {
                return true;
            }

            isTls13 |= extension == SupportedVersions;
            at += 4 + BinaryPrimitives.ReadUInt16BigEndian(body[(at + 2)..]);
        }

        if (isTls13)
        {
            return false;
        }

        // TLS 1.2: the next message, in this record or the next.
        int next = hello < record ? hello : record + RecordHeader;
        return next < flight.Length && flight[next] != Certificate;
    }
}
