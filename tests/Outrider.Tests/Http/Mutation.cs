using System.Text;

namespace Outrider.Tests.Http;

/// <summary>Makes of a message one that is a little different, the same for the same seed.</summary>
internal sealed class Mutation(int seed)
{
    // What parsers trip over, in pieces that are long enough to mean something.
    private static readonly string[] s_pieces =
    [
        "\r", "\n", "\r\n", "\r\n\r\n", "\0", " ", "\t", ":", ";", ",", "\"", "\\", "%", "#", "/", "*", "[", "]", "@", "\u007f", "\u0080", "\u00ff", "0", "0x", "-1", "+1", "ffffffffffffffff",
        "99999999999999999999", "chunked", ", chunked", "Content-Length: 3\r\n", "Transfer-Encoding: chunked\r\n", "Host: b\r\n", "Connection: x\r\n", "Expect: 100-continue\r\n",
        "Upgrade: websocket\r\nConnection: upgrade\r\n", "HTTP/1.0", "HTTP/2.0", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\n", "0\r\n\r\n",
    ];

    private readonly Random _random = new(seed);

    internal byte[] Of(string text)
    {
        var bytes = Encoding.Latin1.GetBytes(text).ToList();
        for (int n = _random.Next(1, 5); n > 0; n--)
        {
            int at = _random.Next(bytes.Count + 1);
            int count = Math.Min(_random.Next(1, 12), bytes.Count - at);
            switch (_random.Next(6))
            {
                case 0:
                    bytes.RemoveRange(at, count);
                    break;
                case 1:
                    bytes.InsertRange(at, bytes.GetRange(at, count));
                    break;
                case 2 when count > 0:
                    bytes[at] = (byte)_random.Next(256);
                    break;
                case 3 when count > 0:
                    bytes[at] ^= (byte)(1 << _random.Next(8));
                    break;
                case 4:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                default:
                    bytes.InsertRange(at, Encoding.Latin1.GetBytes(s_pieces[_random.Next(s_pieces.Length)]));
                    break;
            }
        }

        return [.. bytes];
    }
}
