using System.Text;
using Outrider.Http.Headers;
using Outrider.Http.Messages;
using Outrider.Http.Rules;

namespace Outrider.Http.V1.Parsing;

/// <summary>What requests and responses say alike about their framing and their connection (RFC 9112 §6, RFC 9110 §7.6.1).</summary>
public abstract class MessageHeadParser : HeadParser
{
    private MessageHead _head = null!;
    private bool _close, _keepAlive, _upgrade, _hasHopByHop;
    private int _nominated;

    private protected bool HasLength { get; private set; }

    private protected bool IsChunked { get; private set; }

    /// <summary>May <c>Content-Length</c> come more than once with the same value (RFC 9110 §8.6)?</summary>
    private protected virtual bool AllowsRepeatedLength => false;

    /// <summary>Does <c>Connection</c> say <c>upgrade</c>?</summary>
    private protected bool SaysUpgrade => _upgrade;

    /// <summary>Does the sender go on with the connection after this exchange (RFC 9112 §9.3)?</summary>
    private protected bool SaysKeepAlive => !_close && (_head.MinorVersion > 0 || _keepAlive);

    private protected void BeginMessage(MessageHead head, HttpLimits limits)
    {
        _head = head;
        HasLength = IsChunked = _close = _keepAlive = _upgrade = _hasHopByHop = false;
        _nominated = 0;
        Begin(head.Fields, limits, hasStartLine: true);
    }

    private protected override bool OnField(int index, KnownHeader known)
    {
        switch (known)
        {
            case KnownHeader.ContentLength:
                if (IsChunked)
                {
                    return Reject(FramingErrors.BothLengths);
                }

                if (HasLength && AllowsRepeatedLength && LengthField.TryRead(Block, index, mayRepeat: true, out long again) && again == _head.ContentLength)
                {
                    Block.RemoveAt(index);
                    return true;
                }

                if (HasLength || !LengthField.TryRead(Block, index, AllowsRepeatedLength, out long contentLength))
                {
                    return Reject(FramingErrors.ContentLength);
                }

                HasLength = true;
                _head.ContentLength = contentLength;
                return true;
            case KnownHeader.TransferEncoding:
                _hasHopByHop = true;
                if (HasLength)
                {
                    return Reject(FramingErrors.BothLengths);
                }

                // RFC 9112 §6.1: in HTTP/1.0 the framing is faulty, whatever the coding.
                if (IsChunked || _head.MinorVersion == 0 || !Ascii.EqualsIgnoreCase(Block.ValueAt(index), "chunked"u8))
                {
                    return Reject(FramingErrors.TransferEncoding);
                }

                IsChunked = true;
                return true;
            case KnownHeader.Connection:
                _hasHopByHop = true;
                return FieldRules.ReadConnection(Block.ValueAt(index), ref _close, ref _keepAlive, ref _upgrade, ref _nominated) is not { } error
                    || Reject(error);
            default:
                _hasHopByHop |= KnownHeaders.IsHopByHop(known);
                return true;
        }
    }

    /// <summary>Takes out what belonged to the connection that the message came by.</summary>
    private protected void RemoveHopByHop(bool keepUpgrade)
    {
        var fields = Block;
        if (_nominated > 0)
        {
            FieldRules.RemoveNominated(fields);
        }

        if (!_hasHopByHop)
        {
            return;
        }

        for (int i = fields.Count - 1; i >= 0; i--)
        {
            var known = fields.KnownAt(i);
            if (KnownHeaders.IsHopByHop(known) && !(keepUpgrade && known == KnownHeader.Upgrade))
            {
                fields.RemoveAt(i);
            }
        }
    }
}
