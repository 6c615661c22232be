using System.Buffers;
using System.Buffers.Text;
using Outrider.Http.Messages;
using Outrider.Http.Streams;

namespace Outrider.Tests.Rpc;

/// <summary>A call to an upstream. A one-way call is answered here, when it is sent.</summary>
internal sealed class RpcExchange : RpcMessage, IExchange
{
    private readonly IResponseReceiver _receiver;

    internal RpcExchange(RpcConnection connection, IResponseReceiver receiver, uint id, RequestHead request) : base(connection, id, request.Method.SequenceEqual("ONEWAY"u8))
    {
        _receiver = receiver;
        RpcFrame.Begin(Out, id, IsOneWay ? RpcFrame.OneWay : RpcFrame.Call, request.Target.TrimStart((byte)'/'), request.Fields);
    }

    public override void SendData(ReadOnlySpan<byte> data, bool endStream)
    {
        Out.Write(data);
        if (endStream && !IsOver)
        {
            Transport.Write(RpcFrame.End(Out));
            if (IsOneWay)
            {
                Transport.Loop.Post(static state => ((RpcExchange)state!).Answer(204, default), this);
            }
        }
    }

    public void PauseResponse() => Pause();

    public void ResumeResponse() => Resume();

    public void Cancel() => End();

    internal override void OnLost(int error) => Fail(ResetReason.PeerClosed, error);

    internal bool OnAnswer(RpcFrame frame)
    {
        if (frame.Kind == RpcFrame.Failed)
        {
            Fail(ResetReason.StreamReset, 0);
            return true;
        }

        return Utf8Parser.TryParse(frame.Word, out int status, out _) && status is >= 200 and < 600 && Answer(status, frame);
    }

    protected override void OnHead(int bodyLength)
    {
        var head = _receiver.ResponseHead;
        (head.Framing, head.ContentLength) = bodyLength > 0 ? (BodyFraming.Length, bodyLength) : (BodyFraming.None, 0);
        if (bodyLength == 0)
        {
            End();
        }

        _receiver.OnResponseHead(endStream: bodyLength == 0);
    }

    protected override void OnBody(ReadOnlySpan<byte> body)
    {
        End();
        _receiver.OnResponseData(body, endStream: true);
    }

    private bool Answer(int status, RpcFrame frame)
    {
        if (!IsOver)
        {
            _receiver.ResponseHead.Clear();
            _receiver.ResponseHead.Status = status;
            frame.ReadFields(_receiver.ResponseHead.Fields);
            Give(frame.Body);
        }

        return true;
    }

    private void Fail(ResetReason reason, int error)
    {
        End();
        _receiver.OnUpstreamReset(new UpstreamFailure(reason, error, !Transport.HasSent, Id > 1, false, null));
    }
}
