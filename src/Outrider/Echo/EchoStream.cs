using System.Buffers;
using System.Buffers.Text;
using System.Text;
using Outrider.Http.Messages;
using Outrider.Http.Rules;
using Outrider.Http.Streams;
using Outrider.Net.Timers;

namespace Outrider.Echo;

/// <summary>One request to the echo server, and its answer.</summary>
internal sealed class EchoStream(EchoServer server) : ServerStream
{
    // Of a body so much is shown; the rest is read and counted.
    private const int MaxShown = 64 * 1024;

    private readonly ResponseHead _response = new();
    private readonly ArrayBufferWriter<byte> _body = new();
    private long _received;
    private bool _ended;

    public override void OnBegin()
    {
    }

    public override void OnRequestHead(bool endStream)
    {
        if (endStream)
        {
            Answer();
        }
        else
        {
            Connection.SendContinue();
        }
    }

    public override void OnRequestData(ReadOnlySpan<byte> data, bool endStream)
    {
        _received += data.Length;
        _body.Write(data[..Math.Min(data.Length, MaxShown - _body.WrittenCount)]);
        if (endStream)
        {
            Answer();
        }
    }

    public override void OnRequestTrailers() => Answer();

    public override void OnRequestReset(ResetReason reason, ProtocolError? error) => End();

    public override void OnResponseBlocked()
    {
    }

    public override void OnResponseWritten()
    {
    }

    private void Answer()
    {
        if (NumberAfter("/delay/"u8) is > 0 and <= 600_000 and var delay)
        {
            server.Loop.Arm(new Later(this), delay);
        }
        else
        {
            Send();
        }
    }

    private void Send()
    {
        if (_ended)
        {
            return;
        }

        byte[] text = Encoding.Latin1.GetBytes(Describe());
        _response.Status = NumberAfter("/status/"u8) is >= 200 and <= 599 and var status ? status : 200;
        _response.Fields.Add("content-type"u8, "text/plain; charset=utf-8"u8);
        _response.Fields.Add("x-echo-name"u8, Encoding.UTF8.GetBytes(server.Name));
        _response.Framing = BodyFraming.Length;
        _response.ContentLength = text.Length;
        Connection.SendHead(_response, endStream: false);
        Connection.SendData(text, endStream: true);
        End();
    }

    private string Describe()
    {
        var text = new StringBuilder();
        text.Append(server.FirstLine).Append('\n').Append('\n');
        text.Append(Latin1(Request.Method)).Append(' ').Append(Latin1(Request.Target)).Append(" HTTP/1.").Append(Request.MinorVersion).Append('\n');
        text.Append("host: ").Append(Latin1(Request.Authority)).Append('\n');
        for (int i = 0; i < Request.Fields.Count; i++)
        {
            text.Append(Latin1(Request.Fields.NameAt(i))).Append(": ").Append(Latin1(Request.Fields.ValueAt(i))).Append('\n');
        }

        if (_received > 0)
        {
            text.Append('\n').Append(Latin1(_body.WrittenSpan)).Append('\n');
        }

        return text.ToString();
    }

    private int NumberAfter(ReadOnlySpan<byte> prefix)
        => Request.Target.StartsWith(prefix) && Utf8Parser.TryParse(Request.Target[prefix.Length..], out int number, out _) ? number : 0;

    private void End()
    {
        if (!_ended)
        {
            _ended = true;
            Connection.EndStream(this);
        }
    }

    private static string Latin1(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);

    private sealed class Later(EchoStream stream) : LoopTimer
    {
        protected override void OnTimer() => stream.Send();
    }
}
