using Outrider.Filters;
using Outrider.Http.Headers;
using Outrider.Http.Messages;
using Outrider.Http.Rules;

namespace Outrider.Http.V1.Parsing;

/// <summary>Reads a response's head (RFC 9112 §4, §6.3) into a <see cref="ResponseHead"/>, with the same care as a request's: an upstream is a stranger too.</summary>
public sealed class ResponseHeadParser : MessageHeadParser
{
    private ResponseHead _head = null!;
    private bool _requestWasHead, _requestWasUpgrade;

    /// <summary>Each loop's parser of responses.</summary>
    internal static LoopParsers<ResponseHeadParser> OfLoops { get; } = new();

    /// <summary>Did an interim response (1xx) say of a body what it may not, or in a way that nobody understands? Nothing hangs on it, but it is not to go on.</summary>
    public bool HasOddFraming { get; private set; }

    /// <summary>Starts with a new head, which is cleared.</summary>
    /// <param name="head">Where the head goes.</param>
    /// <param name="limits">The limits.</param>
    /// <param name="requestWasHead">The request's method was HEAD: there will be no body.</param>
    /// <param name="requestWasUpgrade">The request asked for an upgrade: 101 is a valid answer.</param>
    public void Begin(ResponseHead head, HttpLimits limits, bool requestWasHead, bool requestWasUpgrade)
    {
        head.Clear();
        _head = head;
        _requestWasHead = requestWasHead;
        _requestWasUpgrade = requestWasUpgrade;
        HasOddFraming = false;
        BeginMessage(head, limits);
    }

    private protected override bool AllowsRepeatedLength => true;

    private protected override bool OnField(int index, KnownHeader known)
    {
        if (known == KnownHeader.Other || base.OnField(index, known))
        {
            return true;
        }

        if (_head.Status is < 200 and not 101 && known is KnownHeader.ContentLength or KnownHeader.TransferEncoding)
        {
            HasOddFraming = true;
            return true;
        }

        return false;
    }

    private protected override ProtocolError StartLineTooLong => ResponseErrors.StatusLine;

    private protected override bool ParseStartLine(int start, int length)
    {
        var line = Block.Slice(start, length);
        if (line is not [(byte)'H', (byte)'T', (byte)'T', (byte)'P', (byte)'/', (byte)'1', (byte)'.', (byte)'0' or (byte)'1', (byte)' ',
                >= (byte)'1' and <= (byte)'5', >= (byte)'0' and <= (byte)'9', >= (byte)'0' and <= (byte)'9', ..]
            || (length > 12 && line[12] != ' ')
            || !HeaderSyntax.IsValue(line))
        {
            return Reject(ResponseErrors.StatusLine);
        }

        _head.MinorVersion = line[7] - '0';
        _head.Status = (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0');
        // The space before the reason is not optional (RFC 9112 §4), but many leave it out with the reason, and nothing hangs on it.
        if (length > 13)
        {
            _head.SetReason(start + 13, length - 13);
        }

        return true;
    }

    // The order is that of RFC 9112 §6.3.
    private protected override bool Finish()
    {
        var fields = Block;
        bool hasStrayBody = false;
        int status = _head.Status;
        if (status == 101 && !(_requestWasUpgrade && SaysUpgrade && fields.IndexOf(KnownHeader.Upgrade) >= 0))
        {
            return Reject(ResponseErrors.UnexpectedUpgrade);
        }

        if (status is < 200 or 204)
        {
            // They must not say a length (RFC 9110 §8.6, RFC 9112 §6.1); some do, and it means nothing. But whoever says so may send
            // a body too, which is not to become the answer to the next request.
            hasStrayBody = IsChunked || _head.ContentLength > 0;
            _ = fields.Remove(KnownHeader.ContentLength);
            _head.ContentLength = -1;
            _head.Framing = BodyFraming.None;
        }
        else if (_requestWasHead || status == 304)
        {
            _head.Framing = BodyFraming.None;
        }
        else if (IsChunked)
        {
            _head.Framing = BodyFraming.Chunked;
        }
        else if (HasLength)
        {
            _head.Framing = _head.ContentLength == 0 ? BodyFraming.None : BodyFraming.Length;
        }
        else
        {
            _head.Framing = BodyFraming.UntilClose;
        }

        _head.KeepAlive = SaysKeepAlive && !hasStrayBody && _head.Framing != BodyFraming.UntilClose;
        RemoveHopByHop(keepUpgrade: status == 101);
        return true;
    }
}
