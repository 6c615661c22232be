using Outrider.Filters;
using Outrider.Http.Rules;
using Outrider.Http.Streams;

namespace Outrider.Proxy.Streams;

/// <summary>The client's side: what its connection tells of the request, and of the response as it takes it.</summary>
internal sealed partial class ProxyStream
{
    private static readonly Func<StreamFilter, bool> s_blocked = filter =>
    {
        filter.OnResponseBlocked();
        return true;
    };

    private static readonly Func<StreamFilter, bool> s_unblocked = filter =>
    {
        filter.OnResponseUnblocked();
        return true;
    };

    public override void OnBegin()
    {
        StartedAt = Loop.Timestamp;
        RemoteAddress = PeerAddress = Transport.RemoteAddress;
    }

    public override void OnRequestHead(bool endStream)
    {
        _begun = true;
        Id = Site.NextStreamId();
        Site.OnStreamBegan();
        RemoteAddress = Site.Forwarding.ClientOf(this);
        Site.Forwarding.Apply(this);
        if (_filters.Count > 0)
        {
            try
            {
                _filters.Begin(_context);
            }
            catch (Exception e)
            {
                OnFilterFailed(_filters.Making, e);
                return;
            }
        }

        if (Transport.Tls is { } tls && Snapshot.Tls is { } acceptor && acceptor.IsMisdirected(Request.Authority, tls))
        {
            Flags |= ResponseFlags.DownstreamProtocolError;
            ReplyHere(421, "this connection's TLS handshake was for another name");
            return;
        }

        if (Site.IsShortOfMemory())
        {
            Flags |= ResponseFlags.UpstreamOverflow;
            ReplyHere(503, "overloaded");
            return;
        }

        RequestPath.OnHead(endStream);
    }

    public override void OnRequestData(ReadOnlySpan<byte> data, bool endStream)
    {
        BytesIn += data.Length;
        RequestPath.OnData(data, endStream);
    }

    public override void OnRequestTrailers() => RequestPath.OnTrailers();

    public override void OnRequestReset(ResetReason reason, ProtocolError? error)
    {
        if (_ended)
        {
            return;
        }

        if (error is not null && !ResponsePath.HasBegun)
        {
            Flags |= RefusedRequest.FlagOf(error);
            ReplyHere(error.Status, error.Message);
            return;
        }

        (Details, var flags) = reason switch
        {
            ResetReason.SendTimeout => ("the client took nothing for too long", ResponseFlags.StreamIdleTimeout),
            ResetReason.ReceiveTimeout when IsTunnel => ("nothing came through the tunnel for too long", ResponseFlags.StreamIdleTimeout),
            ResetReason.ReceiveTimeout when error is not null => (error.Message, RefusedRequest.FlagOf(error)),
            ResetReason.ReceiveTimeout => ("the client sent nothing for too long", ResponseFlags.StreamIdleTimeout),
            ResetReason.Shutdown => ("the proxy stopped", ResponseFlags.LocalReset),
            _ => (error?.Message ?? "the client closed the connection", ResponseFlags.DownstreamConnectionTermination),
        };
        Abort(flags);
    }

    public override void OnResponseBlocked()
    {
        if (Deadline.Kind == DeadlineKind.ResponseBody)
        {
            Deadline.Clear();
        }

        _pieces?.OnClientBlocked();
        TellOfClient(blocked: true);
        UpdateFlow();
    }

    public override void OnResponseWritten()
    {
        TellOfClient(blocked: false);
        if (!_ended && !IsFilterWaiting)
        {
            Exchange.RestoreDeadline();
        }

        UpdateFlow();
    }

    private void TellOfClient(bool blocked)
    {
        if (!_ended && _begun && _clientBlocked != blocked && _filters.Set.Any(StreamFilterMethods.OnFlow))
        {
            _clientBlocked = blocked;
            _ = _filters.Tell(StreamFilterMethods.OnFlow, blocked ? s_blocked : s_unblocked, OnFilterThrew);
        }
    }
}
