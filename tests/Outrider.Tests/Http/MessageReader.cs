using System.Text;
using Outrider.Http.Headers;
using Outrider.Http.Messages;
using Outrider.Http.Rules;
using Outrider.Http.V1.Parsing;

namespace Outrider.Tests.Http;

/// <summary>
/// Reads one message with the codec's parsers, the way its connections do: head, body, trailers. What it makes of the bytes is a
/// text, so that two readings can be compared. Latin-1, so a char is a byte.
/// </summary>
internal sealed class MessageReader
{
    private readonly HttpLimits _limits;
    private readonly RequestHead? _request;
    private readonly ResponseHead? _response;
    private readonly HeadParser _head;
    private readonly ChunkedDecoder _chunks = new();
    private readonly TrailerParser _trailers = new();
    private readonly HeaderBlock _trailerFields = new();
    private readonly StringBuilder _body = new();
    private long _left;
    private Phase _phase;

    private MessageReader(HttpLimits? limits, bool isRequest, bool toHead, bool toUpgrade)
    {
        _limits = limits ?? new HttpLimits();
        if (isRequest)
        {
            _request = new RequestHead();
            var parser = new RequestHeadParser();
            parser.Begin(_request, _limits);
            _head = parser;
        }
        else
        {
            _response = new ResponseHead();
            var parser = new ResponseHeadParser();
            parser.Begin(_response, _limits, toHead, toUpgrade);
            _head = parser;
        }
    }

    private enum Phase
    {
        Head,
        Body,
        Trailers,
        Complete,
        Failed,
    }

    internal RequestHead Request => _request!;

    internal ResponseHead Response => _response!;

    internal ProtocolError? Error { get; private set; }

    internal bool IsComplete => _phase == Phase.Complete;

    internal string Body => _body.ToString();

    /// <summary>Bytes that were given after the message's end.</summary>
    internal int Unused { get; private set; }

    internal static MessageReader OfRequest(HttpLimits? limits = null) => new(limits, true, false, false);

    internal static MessageReader OfResponse(HttpLimits? limits = null, bool toHead = false, bool toUpgrade = false) => new(limits, false, toHead, toUpgrade);

    internal static MessageReader ReadRequest(string text, HttpLimits? limits = null) => OfRequest(limits).Feed(Encoding.Latin1.GetBytes(text));

    internal static MessageReader ReadResponse(string text, HttpLimits? limits = null, bool toHead = false, bool toUpgrade = false)
        => OfResponse(limits, toHead, toUpgrade).Feed(Encoding.Latin1.GetBytes(text));

    internal MessageReader Feed(ReadOnlySpan<byte> piece)
    {
        // Every step takes a byte, changes the phase or ends the loop; one that does none of it for ever is a hang.
        int steps = 0;
        while (_phase < Phase.Complete && !piece.IsEmpty)
        {
            Assert.True(++steps < 1_000_000, "the parser does not get on");
            Step(ref piece);
        }

        if (_phase == Phase.Complete)
        {
            Unused += piece.Length;
        }

        return this;
    }

    /// <summary>Everything that was understood, as text.</summary>
    internal string Describe()
    {
        var text = new StringBuilder($"{_phase} {Error?.Message} unused {Unused}\n");
        if (_phase == Phase.Failed)
        {
            // How much of a message was read before it turned out to be bad is nobody's business.
            return text.ToString();
        }

        if (_phase != Phase.Head)
        {
            Describe(text);
        }

        text.Append("body ").Append(_body).Append('\n');
        Append(text, _trailerFields);
        return text.ToString();
    }

    internal string Trailers
    {
        get
        {
            var text = new StringBuilder();
            Append(text, _trailerFields);
            return text.ToString();
        }
    }

    internal static string FieldsOf(HeaderBlock fields)
    {
        var text = new StringBuilder();
        Append(text, fields);
        return text.ToString();
    }

    private static void Append(StringBuilder text, HeaderBlock fields)
    {
        for (int i = 0; i < fields.Count; i++)
        {
            text.Append(Encoding.Latin1.GetString(fields.NameAt(i))).Append(": ").Append(Encoding.Latin1.GetString(fields.ValueAt(i))).Append('\n');
        }
    }

    private void Describe(StringBuilder text)
    {
        if (_request is { } request)
        {
            text.Append(Encoding.Latin1.GetString(request.Method)).Append(' ').Append(Encoding.Latin1.GetString(request.Target))
                .Append(' ').Append(Encoding.Latin1.GetString(request.Authority)).Append('\n')
                .Append($"1.{request.MinorVersion} {request.Framing} {request.ContentLength} {request.KeepAlive} {request.ExpectsContinue} {request.IsUpgrade} {request.IsHead}\n");
            Append(text, request.Fields);
        }
        else if (_response is { } response)
        {
            text.Append(Encoding.Latin1.GetString(response.Reason)).Append('\n')
                .Append($"1.{response.MinorVersion} {response.Status} {response.Framing} {response.ContentLength} {response.KeepAlive}\n");
            Append(text, response.Fields);
        }
    }

    private void Step(ref ReadOnlySpan<byte> piece)
    {
        switch (_phase)
        {
            case Phase.Head:
                Take(_head.Parse(ref piece), _head.Error, OnHead);
                break;
            case Phase.Trailers:
                Take(_trailers.Parse(ref piece), _trailers.Error, () => _phase = Phase.Complete);
                break;
            default:
                ReadBody(ref piece);
                break;
        }
    }

    private void ReadBody(ref ReadOnlySpan<byte> piece)
    {
        if ((_request?.Framing ?? _response!.Framing) != BodyFraming.Chunked)
        {
            int count = (int)Math.Min(_left, piece.Length);
            _body.Append(Encoding.Latin1.GetString(piece[..count]));
            piece = piece[count..];
            _left -= count;
            _phase = _left == 0 ? Phase.Complete : Phase.Body;
            return;
        }

        var status = _chunks.Read(ref piece, out var data);
        _body.Append(Encoding.Latin1.GetString(data));
        if (status == ParseStatus.Error)
        {
            Error = _chunks.Error;
            _phase = Phase.Failed;
        }
        else if (status == ParseStatus.Done && data.IsEmpty)
        {
            Assert.True(_chunks.AtTrailers);
            _phase = Phase.Trailers;
            _trailers.Begin(_trailerFields, _limits);
        }
    }

    private void OnHead()
    {
        var framing = _request?.Framing ?? _response!.Framing;
        _left = framing == BodyFraming.UntilClose ? long.MaxValue : _request?.ContentLength ?? _response!.ContentLength;
        _phase = framing == BodyFraming.None ? Phase.Complete : Phase.Body;
        if (framing == BodyFraming.Chunked)
        {
            _chunks.Begin(lenient: _response is not null);
        }
    }

    private void Take(ParseStatus status, ProtocolError error, Action done)
    {
        if (status == ParseStatus.Error)
        {
            Error = error;
            _phase = Phase.Failed;
        }
        else if (status == ParseStatus.Done)
        {
            done();
        }
    }
}
