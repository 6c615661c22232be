using System.Buffers;
using System.Globalization;
using System.Text;
using Outrider.Http.Messages;
using Outrider.Http.Streams;

namespace Outrider.Tests.Rpc;

/// <summary>A client's call, and the way back to the client.</summary>
internal sealed class RpcServerStream(RpcServerConnection connection, ServerStream stream, RpcFrame call) : RpcMessage(connection, call.Id, call.Kind == RpcFrame.OneWay), IDownstream
{
    internal void Begin(RpcFrame frame)
    {
        stream.Attach(this, Transport);
        stream.OnBegin();
        stream.Request.Clear();
        stream.Request.SetMethod(IsOneWay ? "ONEWAY"u8 : "CALL"u8);
        stream.Request.SetTarget([(byte)'/', .. frame.Word]);
        stream.Request.SetAuthority("rpc"u8);
        frame.ReadFields(stream.Request.Fields);
        Give(frame.Body);
    }

    public void SendHead(ResponseHead head, bool endStream)
    {
        RpcFrame.Begin(Out, Id, RpcFrame.Answer, Encoding.ASCII.GetBytes(head.Status.ToString(CultureInfo.InvariantCulture)), head.Fields);
        SendData(default, endStream);
    }

    public override void SendData(ReadOnlySpan<byte> data, bool endStream)
    {
        Out.Write(data);
        if (endStream && !IsOneWay)
        {
            Transport.Write(RpcFrame.End(Out));
        }
    }

    public void Reset() => connection.Send(RpcFrame.Failed, Id);

    public void PauseRequest() => Pause();

    public void ResumeRequest() => Resume();

    public void EndStream(ServerStream ended) => End();

    internal override void OnLost(int error) => stream.OnRequestReset(ResetReason.PeerClosed, null);

    protected override void OnHead(int bodyLength)
    {
        (stream.Request.Framing, stream.Request.ContentLength) = bodyLength > 0 ? (BodyFraming.Length, bodyLength) : (BodyFraming.None, -1);
        stream.OnRequestHead(endStream: bodyLength == 0);
    }

    protected override void OnBody(ReadOnlySpan<byte> body) => stream.OnRequestData(body, endStream: true);
}
