using Outrider.Http.Headers;
using Outrider.Http.Messages;
using Outrider.Http.Streams;
using Outrider.Net.Transports;

namespace Outrider.Http.V1.Client;

/// <content>The request's way out.</content>
public sealed partial class Http1ClientConnection
{
    /// <inheritdoc/>
    public IExchange Attach(IResponseReceiver receiver, RequestHead request, bool endStream)
    {
        ArgumentNullException.ThrowIfNull(receiver);
        ArgumentNullException.ThrowIfNull(request);
        _receiver = receiver;
        _request = request;
        ExchangeCount++;
        _phase = Phase.Head;
        _informational = 0;
        _requestDone = endStream;
        _tunnelSent = _tunnelReceived = false;
        Transport.ForgetSent();
        Transport.Disarm();
        _parser.Begin(receiver.ResponseHead, _limits, request.IsHead, request.IsUpgrade);
        _requestChunked = RequestHeadWriter.Write(Transport, request, endStream);
        Transport.ResumeReading();
        return this;
    }

    /// <summary>Sends a piece of the request's body.</summary>
    public void SendData(ReadOnlySpan<byte> data, bool endStream)
    {
        if (_requestChunked && _phase != Phase.Tunnel)
        {
            ChunkWriter.Write(Transport, data);
            if (endStream)
            {
                ChunkWriter.WriteEnd(Transport);
            }
        }
        else
        {
            Transport.Write(data);
            if (endStream && _phase == Phase.Tunnel)
            {
                _tunnelSent = true;
                Transport.ShutdownWhenWritten();
                CloseTunnelIfDone();
                return;
            }
        }

        _requestDone |= endStream;
    }

    /// <summary>Sends the request's trailers, which end it. Where the framing has no place for them they are dropped.</summary>
    public void SendTrailers(HeaderBlock trailers)
    {
        ArgumentNullException.ThrowIfNull(trailers);
        if (_requestChunked)
        {
            ChunkWriter.WriteEnd(Transport, trailers);
        }

        _requestDone = true;
    }

    /// <inheritdoc/>
    public override void OnWriteBlocked() => _receiver?.OnRequestBlocked();

    /// <inheritdoc/>
    public override void OnWriteProgress() => _receiver?.OnRequestProgress();

    /// <inheritdoc/>
    public override void OnWritten() => _receiver?.OnRequestWritten();
}
