using System.Net;
using System.Net.Http;
using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Outrider.Filters;
using Outrider.Security;

namespace Outrider.Upstream.Checks;

/// <summary>
/// Sends the requests of health checks: by .NET's client and not the loops' pools, as checks are the process's and must not be held up by what the
/// loops do. A host has one connection, which is kept from one check to the next.
/// </summary>
internal sealed class HttpProbe : IDisposable
{
    private static readonly HttpRequestOptionsKey<CheckedHost> s_host = new("outrider.host");
    private static long s_numbers;

    private readonly ConditionalWeakTable<CheckedHost, Uri> _origins = [];
    private readonly Lazy<HttpMessageInvoker> _client;
    private readonly bool _isHttp2;
    private readonly TlsContext? _tls;
    private readonly bool? _isSecured;
    private readonly int _port;

    /// <param name="isHttp2">Is HTTP/2 spoken, and not HTTP/1.1?</param>
    /// <param name="tls">How the cluster's hosts are spoken to in TLS; null for plain text.</param>
    /// <param name="isSecured">Is TLS spoken? Null for as the hosts are spoken to.</param>
    /// <param name="port">Another port than the hosts'; 0 for theirs.</param>
    public HttpProbe(bool isHttp2, TlsContext? tls, bool? isSecured, int port)
    {
        _isHttp2 = isHttp2;
        _tls = tls;
        _isSecured = isSecured;
        _port = port;
        _client = new Lazy<HttpMessageInvoker>(Create);
    }

    /// <summary>A request to a host, for its path.</summary>
    public HttpRequestMessage Request(CheckedHost host, HttpMethod method, string path, string authority)
    {
        var request = new HttpRequestMessage(method, new Uri(_origins.GetValue(host, static _ => new Uri($"http://h{Interlocked.Increment(ref s_numbers)}.invalid")), path))
        {
            Version = _isHttp2 ? HttpVersion.Version20 : HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        request.Headers.Host = authority.Length > 0 ? authority : host.Hostname.Length > 0 ? host.Hostname : host.EndPoint is IPEndPoint ? host.Address : "localhost";
        request.Headers.TryAddWithoutValidation("user-agent", "outrider-health-check");
        request.Options.Set(s_host, host);
        return request;
    }

    /// <summary>Sends it. The answer is the caller's to dispose.</summary>
    /// <exception cref="HttpRequestException">There was no answer.</exception>
    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation) => _client.Value.SendAsync(request, cancellation);

    /// <summary>Closes the connections.</summary>
    public void Dispose()
    {
        if (_client.IsValueCreated)
        {
            _client.Value.Dispose();
        }
    }

    private HttpMessageInvoker Create() => new(new SocketsHttpHandler
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        ActivityHeadersPropagator = null,
        ConnectCallback = ConnectAsync,
        // One that hangs must not be kept: its host may be another one by now.
        KeepAlivePingDelay = TimeSpan.FromSeconds(5),
        KeepAlivePingTimeout = TimeSpan.FromSeconds(5),
        PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
        MaxResponseDrainSize = 64 * 1024,
    });

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        _ = context.InitialRequestMessage.Options.TryGetValue(s_host, out var host);
        var socket = await CheckConnections.ConnectAsync(host!.EndPoint, _port, cancellation).ConfigureAwait(false);
        var stream = new NetworkStream(socket, ownsSocket: true);
        if (!(_isSecured ?? _tls is not null))
        {
            return stream;
        }

        var secured = new SslStream(stream);
        try
        {
            await secured.AuthenticateAsClientAsync(TlsOptionsFor(host), cancellation).ConfigureAwait(false);
            return secured;
        }
        catch
        {
            await secured.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private SslClientAuthenticationOptions TlsOptionsFor(CheckedHost host)
    {
        List<SslApplicationProtocol> offered = [_isHttp2 ? SslApplicationProtocol.Http2 : SslApplicationProtocol.Http11];
        return _tls is not null
            ? _tls.ClientOptions(_tls.NameOf(host.Hostname, host.Address), _isHttp2 ? "check-h2" : "check-h1", offered)
            : new SslClientAuthenticationOptions { TargetHost = host.Hostname.Length > 0 ? host.Hostname : (host.EndPoint as IPEndPoint)?.Address.ToString() ?? "localhost", ApplicationProtocols = offered };
    }
}
