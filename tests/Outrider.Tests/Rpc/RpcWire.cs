using Outrider.Tests.Harness;

namespace Outrider.Tests.Rpc;

/// <summary>The other end of an RPC connection, as tests write and read it: frames as texts, Latin-1, so a char is a byte.</summary>
internal sealed class RpcWire(Func<string, Task> send, Func<Task<string>> receive)
{
    private string _rest = "";

    internal static RpcWire Of(RawClient client) => new(client.SendAsync, async () =>
    {
        var buffer = new byte[64 * 1024];
        return System.Text.Encoding.Latin1.GetString(buffer, 0, await client.ReadAsync(buffer));
    });

    internal static RpcWire Of(UpstreamConnection connection) => new(connection.SendAsync, connection.ReadAsync);

    internal Task SendAsync(uint id, byte kind, string head = "", string body = "") => send(Frame(id, kind, head, body));

    /// <summary>The next frame; null at the end.</summary>
    internal async Task<(uint Id, byte Kind, string Head, string Body)?> ReadAsync(bool answersPings = true)
    {
        while (true)
        {
            while (_rest.Length < 4 || _rest.Length < Number(_rest, 0, 4) + 4)
            {
                string more = await receive();
                if (more.Length == 0)
                {
                    return null;
                }

                _rest += more;
            }

            int length = (int)Number(_rest, 0, 4) + 4;
            string frame = _rest[..length];
            _rest = _rest[length..];
            var (id, kind, head) = (Number(frame, 4, 4), (byte)frame[8], (int)Number(frame, 9, 2));
            if (kind == RpcFrame.Ping && answersPings)
            {
                await SendAsync(id, RpcFrame.Pong);
                continue;
            }

            return (id, kind, frame.Substring(11, head), frame[(11 + head)..]);
        }
    }

    internal static string Frame(uint id, byte kind, string head, string body)
        => Text(7 + head.Length + body.Length, 4) + Text(id, 4) + (char)kind + Text(head.Length, 2) + head + body;

    private static string Text(long number, int bytes) => string.Concat(Enumerable.Range(0, bytes).Select(i => (char)((number >> (8 * (bytes - 1 - i))) & 0xff)));

    private static uint Number(string text, int start, int bytes) => text.Skip(start).Take(bytes).Aggregate(0u, (number, c) => (number << 8) | c);
}
