using Outrider.Http.Messages;
using Outrider.Http.Rules;
using Outrider.Http.Upgrades;
using Outrider.Http.V1.Parsing;
using Outrider.Net.Loops;

namespace Outrider.Http.V1.Client;

/// <summary>Reads the heads of one response: the interim ones (RFC 9110 §15.2), then its own. What the upstream sends is checked as strictly as what a client sends.</summary>
/// <remarks>A field of its exchange, never copied. It keeps a parser only while a head is incomplete (<see cref="LoopParsers{T}"/>).</remarks>
internal struct ResponseHeads
{
    // An upstream that answers 1xx for ever would keep a stream for ever; no use of them needs more.
    private const int MaxInterim = 16;

    private ResponseHeadParser? _parser;
    private ProtocolError? _error;
    private byte _interim;

    /// <summary>Has any byte of a response come?</summary>
    internal readonly bool HasBegun => _interim > 0 || _parser is { HasBegun: true };

    /// <summary>What is wrong, after <see cref="ResponseHeadStep.Error"/>.</summary>
    internal readonly ProtocolError Error => _error!;

    /// <summary>A response is to come.</summary>
    internal void Begin() => _interim = 0;

    /// <summary>Reads on. Takes what it used off the front of <paramref name="data"/>, of which there is some.</summary>
    /// <param name="data">What has come.</param>
    /// <param name="head">Where the head goes, which is cleared first.</param>
    /// <param name="request">What was asked.</param>
    /// <param name="requestDone">Has all of the request been sent?</param>
    /// <param name="limits">The limits.</param>
    /// <param name="loop">The connection's loop.</param>
    internal ResponseHeadStep Read(ref ReadOnlySpan<byte> data, ResponseHead head, RequestHead request, bool requestDone, HttpLimits limits, EventLoop loop)
    {
        var parser = _parser;
        if (parser is null)
        {
            parser = ResponseHeadParser.OfLoops.Get(loop);
            parser.Begin(head, limits, request.IsHead, request.IsUpgrade);
        }

        var status = parser.Parse(ref data);
        if (status == ParseStatus.NeedMore)
        {
            ResponseHeadParser.OfLoops.Keep(loop, parser);
            _parser = parser;
            return ResponseHeadStep.NeedMore;
        }

        GiveBack(loop);
        if (status == ParseStatus.Error)
        {
            return Fail(parser.Error);
        }

        if (head.Status >= 200)
        {
            return ResponseHeadStep.Final;
        }

        if (head.Status == 101)
        {
            return Upgrade(head, request, requestDone);
        }

        if (++_interim > MaxInterim)
        {
            return Fail(ResponseErrors.Informational);
        }

        return parser.HasOddFraming ? ResponseHeadStep.Ignored : ResponseHeadStep.Interim;
    }

    /// <summary>No more of a head is wanted.</summary>
    internal void GiveBack(EventLoop loop)
    {
        if (_parser is { } parser)
        {
            _parser = null;
            ResponseHeadParser.OfLoops.GiveBack(loop, parser);
        }
    }

    private ResponseHeadStep Upgrade(ResponseHead head, RequestHead request, bool requestDone)
    {
        if (!requestDone)
        {
            // The request ends before the new protocol begins (RFC 9110 §7.8).
            return Fail(ResponseErrors.UnexpectedUpgrade);
        }

        if (request.IsHttp2 && !WebSocketKey.IsAnswered(request.Fields, head.Fields))
        {
            // Its client does not know the key, which was made here.
            return Fail(ResponseErrors.WebSocketAccept);
        }

        return ResponseHeadStep.Upgraded;
    }

    private ResponseHeadStep Fail(ProtocolError error)
    {
        _error = error;
        return ResponseHeadStep.Error;
    }
}
