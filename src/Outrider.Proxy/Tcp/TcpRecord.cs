using System.Diagnostics;
using Outrider.Filters;
using Outrider.Net.Addresses;
using Outrider.Net.Transports;
using Outrider.Proxy.Logging;
using Outrider.Proxy.Logging.AccessLog;
using Outrider.Upstream;
using Outrider.Upstream.Hosts;

namespace Outrider.Proxy.Tcp;

/// <summary>What is remembered of a session for its line in the access log. On the session's loop.</summary>
/// <param name="listener">The listener's name.</param>
/// <param name="id">The session's number.</param>
/// <param name="serverName">The server name that the client asked for, or null.</param>
internal sealed class TcpRecord(string listener, long id, string? serverName) : IAccessLogSource
{
    private readonly DateTime _startTime = DateTime.UtcNow;
    private readonly long _startedAt = Stopwatch.GetTimestamp();
    private PeerAddress _remote, _local, _upstreamLocal;
    private string? _details;
    private ResponseFlags _flags;
    private UpstreamHost? _host;

    internal string? ServerName { get; set; } = serverName;

    /// <summary>Bytes from the client.</summary>
    internal long BytesIn { get; set; }

    /// <summary>Bytes to the client.</summary>
    internal long BytesOut { get; set; }

    /// <summary>How many hosts were tried.</summary>
    internal int Tries { get; set; }

    internal Cluster? Cluster { get; set; }

    /// <summary>Why the last host could not be connected to; null when none failed.</summary>
    internal string? FailureReason { get; set; }

    internal long EndedAt { get; set; }

    /// <summary>Remembers what went wrong; the first counts.</summary>
    internal void Fail(ResponseFlags flag, string details)
    {
        if (_flags == ResponseFlags.None)
        {
            _flags = flag;
            _details = details;
        }
    }

    /// <summary>The client's addresses, while there is a socket to ask.</summary>
    internal void Begin(Transport transport, bool keepsLocal)
    {
        _remote = transport.RemoteAddress;
        _local = keepsLocal ? transport.LocalAddress : default;
    }

    /// <summary>The host that is, or was to be, connected.</summary>
    internal void Upstream(TcpUpstream upstream, bool keepsLocal)
    {
        _host = upstream.Host;
        _upstreamLocal = keepsLocal ? upstream.LocalAddress : default;
    }

    /// <inheritdoc/>
    public bool TryWrite(AccessLogVariable variable, ReadOnlySpan<byte> argument, ref Utf8Writer writer)
    {
        switch (variable)
        {
            case AccessLogVariable.StartTime:
                writer.WriteTime(_startTime, LogTimeFormat.Access);
                return true;
            case AccessLogVariable.Duration:
            case AccessLogVariable.RequestFinishedDuration:
                writer.Write(Stopwatch.GetElapsedTime(_startedAt, EndedAt), argument);
                return true;
            case AccessLogVariable.BytesReceived:
            case AccessLogVariable.RequestLength:
                writer.Write(BytesIn);
                return true;
            case AccessLogVariable.BytesSent:
                writer.Write(BytesOut);
                return true;
            case AccessLogVariable.Protocol:
            case AccessLogVariable.UpstreamProtocol:
                writer.WriteRaw("TCP"u8);
                return true;
            case AccessLogVariable.ResponseFlag:
                writer.Write(_flags != ResponseFlags.None);
                return true;
            case AccessLogVariable.ResponseFlags:
                return ResponseFlagText.TryWrite(_flags, ref writer);
            case AccessLogVariable.ResponseCodeDetails:
                return Text(_details, ref writer);
            case AccessLogVariable.UpstreamLocalAddress:
                return Address(_upstreamLocal, ref writer);
            case AccessLogVariable.DownstreamLocalAddress:
                return Address(_local, ref writer);
            case AccessLogVariable.DownstreamRemoteAddress:
            case AccessLogVariable.DownstreamDirectRemoteAddress:
                return Address(_remote, ref writer);
            case AccessLogVariable.UpstreamHost:
                return Text(_host?.Address, ref writer);
            case AccessLogVariable.UpstreamCluster:
                return Text(Cluster?.Name, ref writer);
            case AccessLogVariable.UpstreamTransportFailureReason:
                return Text(FailureReason, ref writer);
            case AccessLogVariable.RequestedServerName:
                return Text(string.IsNullOrEmpty(ServerName) ? null : ServerName, ref writer);
            case AccessLogVariable.ListenerName:
                return Text(listener, ref writer);
            case AccessLogVariable.ListenerPort:
                writer.Write(_local.Port);
                return _local.Port != 0;
            case AccessLogVariable.StreamId:
                writer.WriteHex(id);
                return true;
            case AccessLogVariable.Tries:
                writer.Write(Tries);
                return true;
            default:
                return false;
        }
    }

    private static bool Address(PeerAddress address, ref Utf8Writer writer)
    {
        writer.Write(address);
        return address.IsKnown;
    }

    private static bool Text(string? text, ref Utf8Writer writer)
    {
        writer.WriteText(text);
        return text is not null;
    }
}
