using System.Buffers.Binary;
using System.Net.Http;
using System.Text;
using Outrider.Configuration.Model;
using Outrider.Filters;
using Outrider.Security;

namespace Outrider.Upstream.Checks;

/// <summary>A host is well whose gRPC health service says that it serves (grpc/grpc, doc/health-checking.md).</summary>
/// <param name="configuration">The service that is asked for.</param>
/// <param name="tls">How the cluster's hosts are spoken to in TLS; null for plain text.</param>
internal sealed class GrpcHealthChecker(GrpcCheckConfiguration configuration, TlsContext? tls) : IHealthChecker, IDisposable
{
    // A response with a status and nothing else has 2 bytes.
    private const int LongestResponse = 4096;

    private static readonly string[] s_statuses = ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"];

    private readonly HttpProbe _probe = new(isHttp2: true, tls, isSecured: null, configuration.Port);
    private readonly byte[] _message = Message(configuration.ServiceName);

    /// <inheritdoc/>
    public async ValueTask<HealthCheckResult> CheckAsync(CheckedHost host, CancellationToken cancellation)
    {
        using var request = _probe.Request(host, HttpMethod.Post, "/grpc.health.v1.Health/Check", configuration.Authority);
        request.Content = new ByteArrayContent(_message);
        request.Content.Headers.TryAddWithoutValidation("content-type", "application/grpc");
        request.Headers.TryAddWithoutValidation("te", "trailers");
        using var response = await _probe.SendAsync(request, cancellation).ConfigureAwait(false);
        if ((int)response.StatusCode != 200)
        {
            return HealthCheckResult.Unhealthy($"it answered with {(int)response.StatusCode}");
        }

        byte[] body = new byte[LongestResponse];
        int length = await ReadAsync(response, body, cancellation).ConfigureAwait(false);
        string status = StatusIn(response);
        if (status != "0")
        {
            return HealthCheckResult.Unhealthy($"its health service ended with the gRPC status {(status.Length > 0 ? status : "(none)")}");
        }

        ulong serving = ServingStatus(body.AsSpan(0, length));
        return serving == 1 ? HealthCheckResult.Healthy : HealthCheckResult.Unhealthy($"its health service says {(serving < (ulong)s_statuses.Length ? s_statuses[serving] : "what nobody knows")}");
    }

    /// <inheritdoc/>
    public void Dispose() => _probe.Dispose();

    /// <summary>The serving status in a response's message, as a number; 0 (unknown) where there is none, or it cannot be read.</summary>
    internal static ulong ServingStatus(ReadOnlySpan<byte> body)
    {
        if (body.Length < 5 || body[0] != 0 || BinaryPrimitives.ReadUInt32BigEndian(body[1..]) != body.Length - 5)
        {
            return 0;
        }

        // Field 1 is the status, a varint. Others there are none of.
        var message = body[5..];
        return message.Length >= 2 && message[0] == 0x08 ? message[1] : 0UL;
    }

    private static async Task<int> ReadAsync(HttpResponseMessage response, byte[] body, CancellationToken cancellation)
    {
        using var stream = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        int length = 0, read;
        while (length < body.Length && (read = await stream.ReadAsync(body.AsMemory(length), cancellation).ConfigureAwait(false)) > 0)
        {
            length += read;
        }

        return length;
    }

    private static string StatusIn(HttpResponseMessage response)
        => response.TrailingHeaders.TryGetValues("grpc-status", out var trailers) || response.Headers.TryGetValues("grpc-status", out trailers) ? trailers.First() : "";

    private static byte[] Message(string service)
    {
        byte[] name = Encoding.UTF8.GetBytes(service);
        using var message = new MemoryStream();
        if (name.Length > 0)
        {
            message.WriteByte(0x0A);
            uint length = (uint)name.Length;
            for (; length > 0x7F; length >>= 7)
            {
                message.WriteByte((byte)(length | 0x80));
            }

            message.WriteByte((byte)length);
            message.Write(name);
        }

        byte[] framed = new byte[5 + message.Length];
        BinaryPrimitives.WriteUInt32BigEndian(framed.AsSpan(1), (uint)message.Length);
        message.ToArray().CopyTo(framed, 5);
        return framed;
    }
}
