using System.Text;
using Outrider.Http.Messages;
using Outrider.Http.Rules;
using Outrider.Http.Streams;

namespace Outrider.Tests.Http.V1;

/// <summary>
/// Does what its target says, as soon as the head is there or, with <c>?late</c>, when the request is complete. <c>/length/5/hi</c> announces 5 bytes and sends these,
/// <c>/open/hi</c> announces none; with <c>?cut</c> it then lets go instead of ending. <c>/page</c> answers with 7 KB, which leave with the event, <c>/pour</c> until nobody takes it,
/// <c>/nothing</c> lets go at once, <c>/reset</c> resets.
/// </summary>
internal sealed class ScriptedStream(ScriptedServer server) : ServerStream
{
    private static readonly byte[] s_page = new byte[7 * 1024];

    private readonly ResponseHead _response = new();
    private IDownstream? _ended;

    public override void OnBegin() => _ended = null;

    public override void OnRequestHead(bool endStream)
    {
        if (endStream || !Target.EndsWith("?late", StringComparison.Ordinal))
        {
            Answer();
        }
    }

    public override void OnRequestData(ReadOnlySpan<byte> data, bool endStream)
    {
        if (endStream && Target.EndsWith("?late", StringComparison.Ordinal))
        {
            Answer();
        }
    }

    public override void OnRequestTrailers()
    {
    }

    public override void OnRequestReset(ResetReason reason, ProtocolError? error) => End();

    public override void OnResponseBlocked()
    {
    }

    public override void OnResponseWritten()
    {
    }

    private string Target => Encoding.Latin1.GetString(Request.Target);

    private void Answer()
    {
        string[] words = Target.Split('?')[0].Split('/');
        bool isCut = Target.EndsWith("?cut", StringComparison.Ordinal);
        switch (words[1])
        {
            case "length":
                Send(long.Parse(words[2], null), Encoding.Latin1.GetBytes(words[3]), isCut);
                break;
            case "open":
                Send(-1, Encoding.Latin1.GetBytes(words[2]), isCut);
                break;
            case "page":
                Send(s_page.Length, s_page, isCut: false);
                break;
            case "pour":
                SendHead(-1);
                while (!Connection.IsWriteBlocked)
                {
                    Connection.SendData(s_page, endStream: false);
                    Connection.SendNow();
                }

                break;
            case "reset":
                Connection.Reset();
                End();
                break;
            default:
                End();
                break;
        }
    }

    private void Send(long length, byte[] body, bool isCut)
    {
        SendHead(length);
        Connection.SendData(body, endStream: !isCut);
        End();
    }

    private void SendHead(long length)
    {
        _response.Clear();
        _response.Status = 200;
        _response.Framing = length < 0 ? BodyFraming.UntilClose : BodyFraming.Length;
        _response.ContentLength = length;
        Connection.SendHead(_response, endStream: false);
    }

    private void End()
    {
        if (_ended is not null)
        {
            return;
        }

        _ended = Connection;
        Connection.EndStream(this);
        // Nothing that it says now reaches anybody.
        _ended.SendData("stale"u8, endStream: true);
        _ended.SendHead(_response, endStream: true);
        _ended.EndStream(this);
        server.OnEnded(this);
    }
}
