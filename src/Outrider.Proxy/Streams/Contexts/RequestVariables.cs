using Outrider.Http.Grpc;
using Outrider.Http.Headers;
using Outrider.Http.Messages;
using Outrider.Proxy.Logging;
using Outrider.Proxy.Logging.AccessLog;
using Outrider.Proxy.Routing;
using Outrider.Proxy.Streams.Records;

namespace Outrider.Proxy.Streams.Contexts;

/// <summary>The variables that are parts of the request's and the response's heads.</summary>
internal static class RequestVariables
{
    internal static bool TryWrite(StreamRecord stream, AccessLogVariable variable, ReadOnlySpan<byte> argument, ref Utf8Writer writer)
    {
        var request = stream.Request;
        switch (variable)
        {
            case AccessLogVariable.Method:
                return Write(request.Method, ref writer);
            case AccessLogVariable.Scheme:
                return Write(stream.RequestHeaders.Scheme, ref writer);
            case AccessLogVariable.Host:
                return Write(request.Authority, ref writer);
            case AccessLogVariable.Path:
                return Write(RequestTarget.PathOf(request.Target), ref writer);
            case AccessLogVariable.PathOriginal:
                return Write(OriginalPath(stream), ref writer);
            case AccessLogVariable.RequestUri:
                // A rewrite leaves the query as it was.
                return Write(OriginalPath(stream), ref writer) | Write(RequestTarget.QueryOf(request.Target), ref writer);
            case AccessLogVariable.QueryString:
                return Write(QueryOf(request), ref writer);
            case AccessLogVariable.RequestId:
                return WriteField(request.Fields, "x-request-id"u8, ref writer);
            case AccessLogVariable.TraceId:
                return Write(TraceIds.Of(request.Fields), ref writer);
            case AccessLogVariable.RequestHeader:
                return argument.SequenceEqual("host"u8) || argument.SequenceEqual("Host"u8)
                    ? Write(request.Authority, ref writer)
                    : WriteField(request.Fields, argument, ref writer);
            case AccessLogVariable.ResponseHeader:
                return stream.HasResponse && WriteField(stream.Response.Fields, argument, ref writer);
            case AccessLogVariable.RequestArgument:
                return Write(Pairs.Find(QueryOf(request), (byte)'&', argument), ref writer);
            case AccessLogVariable.Cookie:
                int cookie = request.Fields.IndexOf("cookie"u8);
                return cookie >= 0 && Write(Pairs.Find(request.Fields.ValueAt(cookie), (byte)';', argument), ref writer);
            case AccessLogVariable.GrpcStatus:
                return CallStatus(stream) is >= 0 and var named && WriteStatus(named, ref writer);
            case AccessLogVariable.GrpcStatusNumber:
                int number = CallStatus(stream);
                writer.Write(number);
                return number >= 0;
            default:
                return false;
        }
    }

    // A rewritten path leaves the one that the client asked for in this header, as MOSN does.
    private static ReadOnlySpan<byte> OriginalPath(StreamRecord stream)
    {
        int original = stream.Route is { RewritesPath: true } ? stream.Request.Fields.IndexOf(PathRewriter.OriginalPath) : -1;
        return original >= 0 ? stream.Request.Fields.ValueAt(original) : RequestTarget.PathOf(stream.Request.Target);
    }

    // Without the question mark.
    private static ReadOnlySpan<byte> QueryOf(RequestHead request)
    {
        var query = RequestTarget.QueryOf(request.Target);
        return query.IsEmpty ? query : query[1..];
    }

    // Where a call's answer says nothing its client makes a status of HTTP's, and so do we. −1 for what is no call, and for no answer.
    private static int CallStatus(StreamRecord stream)
    {
        if (stream.Refusal is { IsCall: true } refusal)
        {
            return GrpcStatus.OfHttp(refusal.Error.Status);
        }

        if (!stream.HasResponse || !GrpcRequest.IsGrpc(stream.Request.Fields))
        {
            return -1;
        }

        int status = stream.HasResponseTrailers ? GrpcStatus.In(stream.ResponseTrailers) : -1;
        status = status >= 0 ? status : GrpcStatus.In(stream.Response.Fields);
        return status >= 0 ? status : GrpcStatus.OfHttp(stream.Response.Status);
    }

    private static bool WriteStatus(int status, ref Utf8Writer writer)
    {
        if (GrpcStatus.NameOf(status) is { IsEmpty: false } name)
        {
            writer.WriteRaw(name);
        }
        else
        {
            writer.Write(status);
        }

        return true;
    }

    private static bool Write(ReadOnlySpan<byte> value, ref Utf8Writer writer)
    {
        writer.Write(value);
        return !value.IsEmpty;
    }

    private static bool WriteField(HeaderBlock fields, ReadOnlySpan<byte> name, ref Utf8Writer writer)
    {
        int index = fields.IndexOf(name);
        if (index < 0)
        {
            return false;
        }

        writer.Write(fields.ValueAt(index));
        return true;
    }
}
