using System.Diagnostics;
using Outrider.Filters;
using Outrider.Net.Addresses;
using Outrider.Proxy.Logging;
using Outrider.Proxy.Logging.AccessLog;
using Outrider.Proxy.Streams.Exchanges;
using Outrider.Proxy.Streams.Records;

namespace Outrider.Proxy.Streams.Contexts;

/// <summary>What access logs, and filters by their variables' names, see of a stream. Lives, and is used again, with it.</summary>
internal sealed class StreamLogSource : IAccessLogSource
{
    private readonly StreamRecord _record;
    private readonly UpstreamExchange _exchange;
    private readonly StreamVariables _variables;

    internal StreamLogSource(StreamRecord record, UpstreamExchange exchange, StreamVariables variables)
    {
        _record = record;
        _exchange = exchange;
        _variables = variables;
    }

    // The wall clock is asked for here and not once a request: only logs want it.
    internal DateTime StartTime => DateTime.UtcNow - Stopwatch.GetElapsedTime(_record.Times.Started);

    /// <summary>Our address towards the client, also after its connection is gone where somebody may ask.</summary>
    internal PeerAddress DownstreamLocal => _record.Addresses.Local is { IsKnown: true } captured ? captured : _record.Client.Transport.LocalAddress;

    /// <summary>Our address towards the upstream, also after its connection is gone where somebody may ask.</summary>
    internal PeerAddress UpstreamLocal => _exchange.LocalAddress is { IsKnown: true } address ? address : _record.Addresses.UpstreamLocal;

    public bool TryWrite(AccessLogVariable variable, ReadOnlySpan<byte> argument, ref Utf8Writer writer)
    {
        switch (variable)
        {
            case AccessLogVariable.StartTime:
                writer.WriteTime(StartTime, LogTimeFormat.Access);
                return true;
            case AccessLogVariable.RequestReceivedDuration:
                return WriteDuration(_record.Times.RequestSent, argument, ref writer);
            case AccessLogVariable.ResponseReceivedDuration:
                return WriteDuration(_record.Times.ResponseReceived, argument, ref writer);
            case AccessLogVariable.RequestFinishedDuration:
            case AccessLogVariable.Duration:
                return WriteDuration(_record.Times.Ended == 0 ? Stopwatch.GetTimestamp() : _record.Times.Ended, argument, ref writer);
            case AccessLogVariable.ProcessTimeDuration:
                writer.Write(_record.Times.Process, argument);
                return true;
            case AccessLogVariable.Tries:
                writer.Write(_exchange.Attempts);
                return true;
            case AccessLogVariable.EndReason:
                writer.WriteRaw(EndReasons.Of(_record));
                return true;
            case AccessLogVariable.BytesSent:
                writer.Write(_record.BytesOut);
                return true;
            case AccessLogVariable.BytesReceived:
            case AccessLogVariable.RequestLength:
                writer.Write(_record.BytesIn);
                return true;
            case AccessLogVariable.Protocol:
                writer.WriteRaw(_record.Request.IsHttp2 ? "HTTP/2"u8 : _record.Request.MinorVersion == 0 ? "HTTP/1.0"u8 : "HTTP/1.1"u8);
                return true;
            case AccessLogVariable.UpstreamProtocol:
                return WriteText(_exchange.Protocol, ref writer);
            case AccessLogVariable.ResponseCode:
                writer.Write(_record.ResponseCode);
                return _record.ResponseCode != 0;
            case AccessLogVariable.ResponseFlag:
                writer.Write(_record.Flags != ResponseFlags.None);
                return true;
            case AccessLogVariable.ResponseFlags:
                return ResponseFlagText.TryWrite(_record.Flags, ref writer);
            case AccessLogVariable.ResponseCodeDetails:
                return WriteText(_record.Details, ref writer);
            case AccessLogVariable.UpstreamLocalAddress:
                return WriteAddress(UpstreamLocal, ref writer);
            case AccessLogVariable.DownstreamLocalAddress:
                return WriteAddress(DownstreamLocal, ref writer);
            case AccessLogVariable.DownstreamRemoteAddress:
                return WriteAddress(_record.Addresses.Remote, ref writer);
            case AccessLogVariable.DownstreamDirectRemoteAddress:
                return WriteAddress(_record.Addresses.Peer, ref writer);
            case AccessLogVariable.UpstreamHost:
                return WriteText(_exchange.Host?.Address, ref writer);
            case AccessLogVariable.UpstreamCluster:
                return WriteText(_exchange.Cluster?.Name, ref writer);
            case AccessLogVariable.UpstreamTransportFailureReason:
                return WriteText(_exchange.FailureReason, ref writer);
            case AccessLogVariable.RequestedServerName:
                return WriteText(_record.Client.Transport.Tls?.ServerName, ref writer);
            case AccessLogVariable.RouteName:
                return WriteText(_record.Route?.Info.Name, ref writer);
            case AccessLogVariable.ListenerName:
                return WriteText(_record.Snapshot.Configuration.Name, ref writer);
            case AccessLogVariable.ListenerPort:
                writer.Write(DownstreamLocal.Port);
                return DownstreamLocal.Port != 0;
            case AccessLogVariable.StreamId:
                writer.WriteHex(_record.Id);
                return true;
            case AccessLogVariable.ConnectionId:
                writer.Write(ConnectionNumbers.Of(_record.Client.Transport));
                return true;
            case AccessLogVariable.UpstreamConnectionId:
                return _record.Addresses.Upstream is { } upstream && WriteNumber(ConnectionNumbers.Of(upstream), ref writer);
            case AccessLogVariable.DirectResponse:
                return _record.IsLocalReply && WriteText("isDirectResponse", ref writer);
            case AccessLogVariable.User:
                return WriteText(_variables.Find(argument)?.ToString(), ref writer);
            default:
                return RequestVariables.TryWrite(_record, variable, argument, ref writer);
        }
    }

    /// <summary>How long after the stream's start something happened; zero where it has not.</summary>
    internal TimeSpan SinceStart(long timestamp) => timestamp == 0 ? TimeSpan.Zero : Stopwatch.GetElapsedTime(_record.Times.Started, timestamp);

    private bool WriteDuration(long timestamp, ReadOnlySpan<byte> unit, ref Utf8Writer writer)
    {
        writer.Write(SinceStart(timestamp), unit);
        return timestamp != 0;
    }

    private static bool WriteAddress(PeerAddress address, ref Utf8Writer writer)
    {
        writer.Write(address);
        return address.IsKnown;
    }

    private static bool WriteNumber(long number, ref Utf8Writer writer)
    {
        writer.Write(number);
        return true;
    }

    private static bool WriteText(string? text, ref Utf8Writer writer)
    {
        writer.WriteText(text);
        return text is not null;
    }
}
