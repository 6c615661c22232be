using System.Buffers;
using System.Buffers.Text;
using System.Text;
using Outrider.Http.Headers;
using Outrider.Http.Messages;
using Outrider.Http.Streams;
using Outrider.Http.V2;
using Outrider.Net.Sockets;
using Outrider.Net.Timers;
using Outrider.Plugins.Protocol;

namespace Outrider.Plugins.Processes.Grpc;

/// <summary>What carries a call out on its loop, from its beginning to its end, its deadline included. Then it serves another.</summary>
internal sealed class GrpcExchange : LoopTimer, IResponseReceiver
{
    private readonly GrpcClient _client;
    private readonly RequestHead _request = new();
    private readonly GrpcMessages _messages = new();
    private readonly byte[] _text = new byte[128];
    private GrpcCall? _call;
    private IExchange? _stream;
    private byte[]? _answer;
    private int _answerLength;

    internal GrpcExchange(GrpcClient client)
    {
        _client = client;
        Node = new LinkedListNode<GrpcExchange>(this);
    }

    /// <summary>Its place among those that wait for a connection.</summary>
    internal LinkedListNode<GrpcExchange> Node { get; }

    private string NoAnswer => $"no answer within {_call!.Timeout.TotalMilliseconds:0} ms";

    public ResponseHead ResponseHead { get; } = new();

    public HeaderBlock ResponseTrailers { get; } = new();

    /// <summary>Begins: the clock runs.</summary>
    internal void Begin(GrpcCall call)
    {
        _call = call;
        call.Exchange = this;
        if (call.Timeout != Timeout.InfiniteTimeSpan)
        {
            _client.Loop.Arm(this, (long)Math.Min(call.Timeout.TotalMilliseconds, int.MaxValue));
        }
    }

    /// <summary>Sends the request.</summary>
    internal void Send(IUpstreamConnection connection)
    {
        var call = _call!;
        _request.Clear();
        _request.SetMethod("POST"u8);
        _request.SetTarget(_text.AsSpan(0, Encoding.Latin1.GetBytes(call.Method, _text)));
        // Nobody looks it up: the connection goes where the end point says.
        _request.SetAuthority("plugin"u8);
        _request.Fields.Add("content-type"u8, "application/grpc"u8);
        if (call.Timeout != Timeout.InfiniteTimeSpan)
        {
            _request.Fields.Add("grpc-timeout"u8, _text.AsSpan(0, Encoding.Latin1.GetBytes(GrpcTimeout.Format(call.Timeout), _text)));
        }

        _stream = connection.Attach(this, _request, endStream: false);
        _stream.SendData(call.Request, endStream: true);
    }

    /// <summary>Ends the call from our side.</summary>
    internal void Abandon(Exception e)
    {
        _stream?.Cancel();
        Fail(e);
    }

    public void OnInformational()
    {
    }

    public void OnResponseHead(bool endStream)
    {
        int type = ResponseHead.Fields.IndexOf("content-type"u8);
        var name = type < 0 ? default : ResponseHead.Fields.ValueAt(type);
        if (ResponseHead.Status != 200 || name.Length < 16 || !Ascii.EqualsIgnoreCase(name[..16], "application/grpc"u8))
        {
            Abandon(new GrpcCallException(
                ResponseHead.Status == 404 ? GrpcStatus.Unimplemented : GrpcStatus.Unknown,
                $"the answer is not gRPC: status {ResponseHead.Status}, content-type {Encoding.Latin1.GetString(name)}"));
        }
        else if (endStream)
        {
            Finish();
        }
    }

    public void OnResponseData(ReadOnlySpan<byte> data, bool endStream)
    {
        try
        {
            while (!data.IsEmpty && _messages.Read(ref data, _call!.MaxMessageSize))
            {
                OnMessage();
            }
        }
        catch (GrpcCallException e)
        {
            Abandon(e);
            return;
        }

        if (endStream)
        {
            Finish();
        }
    }

    public void OnResponseTrailers() => Finish();

    public void OnUpstreamReset(UpstreamFailure failure)
    {
        // grpc/grpc, doc/PROTOCOL-HTTP2.md, "Errors".
        var (status, message) = (failure.Reason, (Http2Error)failure.Code) switch
        {
            (ResetReason.StreamReset, Http2Error.RefusedStream) => (GrpcStatus.Unavailable, "the plugin did not take the call"),
            (ResetReason.StreamReset, Http2Error.Cancel) => (GrpcStatus.Cancelled, "the plugin cancelled the call"),
            (ResetReason.StreamReset, Http2Error.EnhanceYourCalm) => (GrpcStatus.ResourceExhausted, "the plugin reset the call: EnhanceYourCalm"),
            (ResetReason.StreamReset, var code) => (GrpcStatus.Internal, $"the plugin reset the call: {code}"),
            (ResetReason.ProtocolError, _) => (GrpcStatus.Internal, "the answer is not HTTP/2: " + _client.LastFault),
            _ => (GrpcStatus.Unavailable, "the connection failed: " + SocketErrors.Describe(failure.Error)),
        };
        Fail(new GrpcCallException(status, message) { IsUnsent = failure.NothingSent });
    }

    public void OnRequestBlocked()
    {
    }

    public void OnRequestProgress()
    {
    }

    public void OnRequestWritten()
    {
    }

    /// <summary>Ends the call without an answer.</summary>
    internal void Fail(Exception e)
    {
        if (Detach() is { } call)
        {
            call.Fail(e);
        }
    }

    protected override void OnTimer()
        => Abandon(new GrpcCallException(GrpcStatus.DeadlineExceeded, NoAnswer));

    private void OnMessage()
    {
        if (_call!.Take is { } take)
        {
            var (bytes, length) = _messages.Detach();
            try
            {
                take(bytes.AsSpan(0, length));
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(bytes);
            }
        }
        else if (_answer is null)
        {
            (_answer, _answerLength) = _messages.Detach();
        }
        else
        {
            throw new GrpcCallException(GrpcStatus.Internal, "more than one message in the answer");
        }
    }

    // The status stands behind the messages, and decides over them; an answer that is nothing but a status has it in its only head.
    private void Finish()
    {
        var fields = ResponseTrailers.IndexOf("grpc-status"u8) >= 0 ? ResponseTrailers : ResponseHead.Fields;
        int at = fields.IndexOf("grpc-status"u8);
        if (at < 0 || !Utf8Parser.TryParse(fields.ValueAt(at), out int status, out int used) || used != fields.ValueAt(at).Length)
        {
            Fail(new GrpcCallException(GrpcStatus.Internal, "the answer has no grpc-status"));
        }
        else if (status != 0)
        {
            int message = fields.IndexOf("grpc-message"u8);
            string text = message < 0 ? "" : GrpcMessageText.Decode(Encoding.Latin1.GetString(fields.ValueAt(message)));
            // The plugin looks at the clock as well, and may be first.
            string when = (GrpcStatus)status == GrpcStatus.DeadlineExceeded ? NoAnswer + ": " : "";
            Fail(new GrpcCallException((GrpcStatus)status, $"{when}{(GrpcStatus)status}: {text}"));
        }
        else if (_messages.IsWithin)
        {
            Fail(new GrpcCallException(GrpcStatus.Internal, "the answer ends within a message"));
        }
        else if (_answer is null && _call!.Take is null)
        {
            Fail(new GrpcCallException(GrpcStatus.Internal, "no message in the answer"));
        }
        else
        {
            byte[]? answer = _answer;
            int length = _answerLength;
            _answer = null;
            Detach()!.Complete(answer, length);
        }
    }

    // Lets go of the call, and is free for another one.
    private GrpcCall? Detach()
    {
        var call = _call;
        if (call is null)
        {
            return null;
        }

        _call = null;
        _stream = null;
        call.Exchange = null;
        _client.Loop.Remove(this);
        _messages.Clear();
        ResponseHead.Clear();
        ResponseTrailers.Clear();
        if (_answer is not null)
        {
            ArrayPool<byte>.Shared.Return(_answer);
            _answer = null;
        }

        _client.Ended(this);
        return call;
    }
}
