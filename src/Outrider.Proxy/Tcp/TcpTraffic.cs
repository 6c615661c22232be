using Outrider.Net.Transports;

namespace Outrider.Proxy.Tcp;

/// <summary>
/// What moves between a session's two connections: it is passed on as it came, counted, and large transfers go past the process. A field of
/// the session, never copied; on its loop.
/// </summary>
/// <param name="record">What the access log tells.</param>
/// <param name="owner">Whose counters count.</param>
/// <param name="splices">May large transfers go past the process?</param>
internal struct TcpTraffic(TcpRecord record, ITcpOwner owner, bool splices)
{
    private TcpBulk _toHost, _toClient;

    /// <summary>When anything has moved last, in the loop's milliseconds.</summary>
    internal long LastMoved { get; private set; }

    /// <summary>Bytes on their way to the host that wait in the kernel between both connections.</summary>
    internal readonly int WaitingForHost => _toHost.Waiting;

    /// <summary>Bytes on their way to the client that wait so.</summary>
    internal readonly int WaitingForClient => _toClient.Waiting;

    /// <summary>Both connections are there.</summary>
    internal void Begin(long now) => LastMoved = now;

    /// <summary>Bytes of the client's.</summary>
    internal void ToHost(ReadOnlySpan<byte> data, Transport client, TcpUpstream host)
    {
        CountIn(data.Length);
        LastMoved = client.Loop.Now;
        host.Write(data);
        if (splices)
        {
            _toHost.OnRead(data.Length, client, host.Transport);
        }
    }

    /// <summary>Bytes of the host's.</summary>
    internal void ToClient(ReadOnlySpan<byte> data, Transport client, TcpUpstream host)
    {
        CountOut(data.Length);
        LastMoved = client.Loop.Now;
        client.Write(data);
        if (splices)
        {
            _toClient.OnRead(data.Length, host.Transport, client);
        }
    }

    /// <summary>Bytes of the client's are there that are not to be received.</summary>
    internal void MoveToHost(Transport client, TcpUpstream host)
    {
        bool moved = _toHost.Move(out long taken);
        CountIn(taken);
        host.Count(sent: taken, received: 0);
        AfterMove(client, moved, taken);
    }

    /// <summary>Bytes of the host's are there that are not to be received.</summary>
    internal void MoveToClient(Transport client, TcpUpstream host)
    {
        bool moved = _toClient.Move(out long taken);
        CountOut(taken);
        host.Count(sent: 0, received: taken);
        AfterMove(client, moved, taken);
    }

    /// <summary>The host takes bytes again: first those that wait, then the client's.</summary>
    internal void ResumeToHost(Transport client, TcpUpstream host)
    {
        if (_toHost.Waiting > 0)
        {
            MoveToHost(client, host);
        }

        if (_toHost.Waiting == 0)
        {
            client.ResumeReading();
        }
    }

    /// <summary>The client takes bytes again: first those that wait, then the host's.</summary>
    internal void ResumeToClient(Transport client, TcpUpstream host)
    {
        if (_toClient.Waiting > 0)
        {
            MoveToClient(client, host);
        }

        if (_toClient.Waiting == 0)
        {
            host.Resume();
        }
    }

    /// <summary>The client's connection is closed.</summary>
    internal readonly void EndOfClient()
    {
        _toHost.Drop();
        _toClient.Drop();
    }

    /// <summary>The host's connection is closed: the client still gets what came from it.</summary>
    internal readonly void EndOfHost()
    {
        _toHost.Drop();
        _toClient.Pour();
    }

    private void AfterMove(Transport client, bool moved, long taken)
    {
        owner.ListenerStats.TcpBytesSpliced += taken;
        if (moved)
        {
            LastMoved = client.Loop.Now;
        }
    }

    private readonly void CountIn(long bytes)
    {
        record.BytesIn += bytes;
        owner.Stats.BytesIn += bytes;
        owner.ListenerStats.BytesIn += bytes;
    }

    private readonly void CountOut(long bytes)
    {
        record.BytesOut += bytes;
        owner.Stats.BytesOut += bytes;
        owner.ListenerStats.BytesOut += bytes;
    }
}
