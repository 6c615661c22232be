using System.Net;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Outrider.Filters;
using Outrider.StockFilters.ExtAuthz.Wire;
using Outrider.StockFilters.Messages;
using Outrider.StockFilters.Mutation;
using SocketAddress = Outrider.StockFilters.ExtAuthz.Wire.SocketAddress;

namespace Outrider.StockFilters.ExtAuthz;

/// <summary>Asks in gRPC: <c>envoy.service.auth.v3.Authorization/Check</c>.</summary>
internal sealed class GrpcAuthorization : IAuthorizationService
{
    private const string Method = "/envoy.service.auth.v3.Authorization/Check";

    // Envoy's, for services that do not say.
    private static readonly TimeSpan s_timeout = TimeSpan.FromMilliseconds(200);

    private readonly ExtAuthzSettings _settings;
    private readonly GrpcServiceSettings _service;
    private readonly ShownHeaders _shown;
    private readonly bool _packsAsBytes;

    /// <exception cref="FilterConfigurationException">Something is wrong with it.</exception>
    internal GrpcAuthorization(ExtAuthzSettings settings)
    {
        _settings = settings;
        _service = settings.GrpcService!;
        _service.Validate("$.grpcService");
        _shown = new ShownHeaders(settings.AllowedHeaders?.Compile("$.allowedHeaders"), settings.DisallowedHeaders?.Compile("$.disallowedHeaders"));
        _packsAsBytes = settings.WithRequestBody?.PackAsBytes ?? false;
    }

    /// <inheritdoc/>
    public async Task<AuthorizationAnswer> AskAsync(StreamContext stream, RequestHeaders headers, byte[]? body, bool isPartial, IReadOnlyDictionary<string, string> extensions)
    {
        byte[] message = Question(stream, headers, body, isPartial, extensions).ToByteArray();
        var answer = await _service.Call(Method, message, s_timeout).SendAsync(stream, stream.Aborted);
        if (!answer.IsSuccess)
        {
            throw new CalloutException($"cluster '{_service.EnvoyGrpc!.ClusterName}': the authorization service answers with the gRPC status {answer.Status} {answer.StatusText}");
        }

        try
        {
            return Read(CheckResponse.Parser.ParseFrom(answer.Message.Span));
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new CalloutException($"cluster '{_service.EnvoyGrpc!.ClusterName}': what the authorization service answers cannot be read: {e.Message}", e);
        }
    }

    private static AuthorizationAnswer Read(CheckResponse response)
    {
        JsonElement? metadata = (response.DynamicMetadata ?? response.OkResponse?.DynamicMetadata) is { Fields.Count: > 0 } told ? JsonDocument.Parse(told.ToString()).RootElement : null;
        if ((response.Status?.Code ?? 0) != 0)
        {
            var denied = response.DeniedResponse ?? new DeniedHttpResponse();
            int status = denied.Status?.Code is > 0 and var code ? code : 403;
            return AuthorizationAnswer.Deny(status, Encoding.UTF8.GetBytes(denied.Body), [.. denied.Headers.Select(header => Change(header, AppendAction.OverwriteIfExistsOrAdd))], metadata);
        }

        var ok = response.OkResponse ?? new OkHttpResponse();
        return AuthorizationAnswer.Allow(
            [.. ok.HeadersToRemove.Select(name => new HeaderChange(name, null)), .. ok.Headers.Select(header => Change(header, AppendAction.OverwriteIfExistsOrAdd))],
            [.. ok.ResponseHeadersToAdd.Select(header => Change(header, AppendAction.AppendIfExistsOrAdd))],
            metadata);
    }

    // "append" is the older key, and counts where it is there; the newer's first value cannot be told from none.
    private static HeaderChange Change(HeaderValueOption option, AppendAction usual)
    {
        var header = option.Header ?? new HeaderValue();
        var action = option.Append is { } append ? append ? AppendAction.AppendIfExistsOrAdd : AppendAction.OverwriteIfExistsOrAdd
            : option.AppendAction is > 0 and <= (int)AppendAction.OverwriteIfExists ? (AppendAction)option.AppendAction : usual;
        return new HeaderChange(header.Key, header.RawValue.Length > 0 ? header.RawValue.ToByteArray() : Encoding.UTF8.GetBytes(header.Value), action);
    }

    private static AttributeContext.Types.Peer Peer(string address, string principal = "")
        => IPEndPoint.TryParse(address, out var point)
            ? new() { Address = new Address { SocketAddress = new SocketAddress { Address = point.Address.ToString(), PortValue = (uint)point.Port } }, Principal = principal }
            : new() { Principal = principal };

    private CheckRequest Question(StreamContext stream, RequestHeaders headers, byte[]? body, bool isPartial, IReadOnlyDictionary<string, string> extensions)
    {
        var http = new AttributeContext.Types.HttpRequest
        {
            Id = stream.Id.ToString(System.Globalization.CultureInfo.InvariantCulture),
            Method = headers.MethodString,
            Path = headers.PathString,
            Host = headers.AuthorityString,
            Scheme = Encoding.Latin1.GetString(headers.Scheme),
            Protocol = stream.Protocol,
            Size = body is null ? -1 : body.Length,
        };
        IEnumerable<(string Name, byte[] Value)> line = [(":authority", headers.Authority.ToArray()), (":method", headers.Method.ToArray()), (":path", headers.Path.ToArray()), (":scheme", headers.Scheme.ToArray())];
        if (body is not null)
        {
            line = line.Append(("x-envoy-auth-partial-body", isPartial ? "true"u8.ToArray() : "false"u8.ToArray()));
            http.Body = _packsAsBytes ? "" : Encoding.UTF8.GetString(body);
            http.RawBody = _packsAsBytes ? ByteString.CopyFrom(body) : ByteString.Empty;
        }

        foreach (var (name, value) in line.Concat(_shown.Of(headers)))
        {
            if (_settings.EncodeRawHeaders)
            {
                (http.HeaderMap ??= new()).Headers.Add(new HeaderValue { Key = name, RawValue = ByteString.CopyFrom(value) });
            }
            else
            {
                string text = Encoding.UTF8.GetString(value);
                http.Headers[name] = http.Headers.TryGetValue(name, out string? before) ? before + "," + text : text;
            }
        }

        var attributes = new AttributeContext
        {
            Source = Peer(stream.DownstreamRemoteAddress, PrincipalOf(stream.DownstreamTls)),
            Destination = Peer(stream.DownstreamLocalAddress),
            Request = new() { Time = Timestamp.FromDateTime(stream.Timings.StartTime.ToUniversalTime()), Http = http },
        };
        foreach (var (key, value) in extensions)
        {
            attributes.ContextExtensions[key] = value;
        }

        if (_settings.IncludeTlsSession && stream.DownstreamTls?.ServerName is { } server)
        {
            attributes.TlsSession = new() { Sni = server };
        }

        return new CheckRequest { Attributes = attributes };
    }

    // As Envoy: the first URI of the certificate, else its first name, else its subject.
    private static string PrincipalOf(StreamTls? tls) => tls?.PeerCertificate is not { } certificate ? ""
        : certificate.AlternativeNames.FirstOrDefault(name => name.Contains("://", StringComparison.Ordinal)) ?? (certificate.AlternativeNames is [var first, ..] ? first : certificate.Subject);
}
