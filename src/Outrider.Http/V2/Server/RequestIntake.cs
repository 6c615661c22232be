using Outrider.Http.Rules;
using Outrider.Http.Streams;
using Outrider.Http.V2.Hpack;

namespace Outrider.Http.V2.Server;

/// <summary>
/// The requests' way in: heads, bodies and trailers, each to its stream; and those that are refused. A part of its connection. Its methods throw
/// <see cref="Http2Exception"/> for what ends the connection.
/// </summary>
/// <param name="streams">The connection's.</param>
/// <param name="handler">The listener's side.</param>
/// <param name="limits">What a client may ask.</param>
internal sealed class RequestIntake(ServerStreams streams, IHttp2ServerHandler handler, Http2Limits limits)
{
    private readonly HpackDecoder _decoder = new();

    /// <summary>What holds for requests.</summary>
    internal HttpLimits Limits => handler.Limits;

    /// <summary>Was the client told that what it begins from now on is not served? It sends that again elsewhere.</summary>
    internal bool ServesNoMore { get; set; }

    /// <summary>A piece of DATA.</summary>
    internal void OnData(int id, ReadOnlySpan<byte> data, int size, bool endStream)
    {
        if (data.IsEmpty && !endStream)
        {
            streams.Guard.OnIdleFrame(streams.Now);
        }

        if (streams.Find(id) is not { IsGone: false } stream)
        {
            streams.TookData(size);
            streams.OnLateData(id, size);
            return;
        }

        if (stream.Request.IsEnded)
        {
            streams.TookData(size);
            streams.GiveUp(stream, Http2Error.StreamClosed, null);
            return;
        }

        bool lingered = stream.Lingers;
        var wrong = stream.Request.OnData(data, size, endStream, Limits.MaxRequestBody);
        if (wrong != Http2Error.None)
        {
            streams.TookData(size);
            streams.GiveUp(stream, wrong, wrong == Http2Error.Protocol ? Http2Errors.LengthMismatch : null);
        }
        else if (lingered)
        {
            if (stream.Lingers)
            {
                streams.StopRequest(stream);
            }

            streams.EndIfOver(stream);
        }
    }

    /// <summary>A whole header block: a stream begins with it, or ends.</summary>
    internal void OnBlock(int id, ReadOnlySpan<byte> block, bool endStream, bool dependsOnItself)
    {
        if (streams.Find(id) is { IsGone: false } stream)
        {
            OnTrailers(stream, block, endStream);
            return;
        }

        if (id <= streams.Frames.LastId)
        {
            _decoder.Skip(block);
            streams.OnLateBlock(id);
            return;
        }

        streams.Frames.LastId = id;
        handler.Http2Counts.OnStream();
        if (ServesNoMore)
        {
            streams.Guard.OnIdleFrame(streams.Now);
            _decoder.Skip(block);
            return;
        }

        streams.Guard.OnStream();
        if (streams.Count >= limits.MaxConcurrentStreams)
        {
            _decoder.Skip(block);
            streams.Guard.OnReset(streams.Now);
            streams.Control.Reset(id, Http2Error.RefusedStream);
            streams.AddClosed(id, wasReset: true);
        }
        else
        {
            Begin(id, block, endStream, dependsOnItself);
        }
    }

    /// <summary>A head does not arrive as it must. Nobody can be answered: which request it would have become is not known.</summary>
    internal void RefuseHead(ProtocolError error)
    {
        var client = StreamPool.Rent();
        var stream = handler.RentStream();
        client.Begin(streams, stream, 0, 0, 0, streams.Now);
        stream.OnBegin();
        Refuse(client, stream, error, isCall: false);
    }

    /// <summary>Gives its memory back; nothing is read after it.</summary>
    internal void Release() => _decoder.End();

    private void Begin(int id, ReadOnlySpan<byte> block, bool endStream, bool dependsOnItself)
    {
        var client = StreamPool.Rent();
        var stream = handler.RentStream();
        client.Begin(streams, stream, id, streams.Frames.Peer.InitialWindow, limits.StreamWindow, streams.Now);
        stream.OnBegin();
        var fields = RequestFieldReader.For(_decoder, Limits, limits);
        ProtocolError? error;
        try
        {
            error = fields.ReadHead(block, stream.Request, endStream);
        }
        catch (Http2Exception)
        {
            handler.ReturnUnused(stream);
            client.Release();
            StreamPool.Return(client);
            throw;
        }

        bool isMalformed = fields.IsMalformed || dependsOnItself;
        bool isCall = !isMalformed && fields.IsGrpc;
        if (error is null && !isMalformed)
        {
            streams.Add(client);
            client.Request.OnHead(endStream);
            return;
        }

        error ??= Http2Errors.PseudoField;
        Refuse(client, stream, error, isCall);
        streams.AddClosed(id, wasReset: !endStream);
        if (!isMalformed)
        {
            ResponseFieldWriter.WriteRefusal(streams.Transport, id, error, isCall);
        }

        if (isMalformed || !endStream)
        {
            streams.Control.Reset(id, isMalformed ? Http2Error.Protocol : Http2Error.None);
        }

        streams.Guard.OnReset(streams.Now);
    }

    private void Refuse(Http2ServerStream client, ServerStream stream, ProtocolError error, bool isCall)
    {
        client.Release();
        StreamPool.Return(client);
        handler.OnProtocolError(streams.Transport, stream, error);
        if (isCall)
        {
            handler.ReturnRefusedCall(stream, error);
        }
        else
        {
            handler.ReturnRefused(stream, error);
        }
    }

    private void OnTrailers(Http2ServerStream stream, ReadOnlySpan<byte> block, bool endStream)
    {
        bool wasEnded = stream.Request.IsEnded;
        if (stream.Request.Tunnel != ClientTunnel.None && !wasEnded)
        {
            _decoder.Skip(block);
            streams.GiveUp(stream, Http2Error.Protocol, FramingErrors.TrailerField);
            return;
        }

        if (!wasEnded && endStream && stream.Request.TrailersToRead is { } trailers)
        {
            if (RequestFieldReader.For(_decoder, Limits, limits).ReadTrailers(block, trailers) is { } error)
            {
                trailers.Clear();
                streams.GiveUp(stream, Http2Error.Protocol, error);
                return;
            }
        }
        else
        {
            _decoder.Skip(block);
        }

        if (wasEnded)
        {
            streams.GiveUp(stream, Http2Error.StreamClosed, null);
        }
        else if (!endStream)
        {
            streams.GiveUp(stream, Http2Error.Protocol, FramingErrors.TrailerField);
        }
        else if (!stream.Request.OnTrailers())
        {
            streams.GiveUp(stream, Http2Error.Protocol, Http2Errors.LengthMismatch);
        }
        else
        {
            streams.EndIfOver(stream);
        }
    }
}
