using System.Net.Sockets;

namespace Outrider.Running;

/// <summary>Asks in HTTP/1.1.</summary>
/// <param name="socket">Its connection, which is its own from here on.</param>
internal sealed class WarmUpHttp1Client(Socket socket) : IWarmUpClient
{
    private static readonly byte[] s_request = "GET /warm-up?a=b HTTP/1.1\r\nHost: warm.up\r\nUser-Agent: outrider\r\nAccept: */*\r\n\r\n"u8.ToArray();

    private readonly byte[] _answer = new byte[4096];

    public bool Ask()
    {
        _ = socket.Send(s_request);
        // A small answer of our own is one piece.
        return socket.Receive(_answer) > 0;
    }

    public void Dispose() => socket.Dispose();
}
