using System.ComponentModel.DataAnnotations;
using Outrider.Filters;

namespace Outrider.Samples.EnvoyRemoteBasicAuth;

/// <summary>Whom to ask: <c>{ "check_url": "http://127.0.0.1:8090/check" }</c>.</summary>
public sealed class RemoteAuthConfig : IValidatable, IDisposable
{
    /// <summary>Gets name and password as JSON, and answers 200 when they are right. Required.</summary>
    public Uri? CheckUrl { get; set; }

    /// <summary>How long an answer may take, in milliseconds. Default 10,000.</summary>
    [Range(1, int.MaxValue)]
    public int TimeoutMs { get; set; } = 10_000;

    /// <summary>One client for all requests of this configuration: it keeps its connections.</summary>
    internal HttpClient Http { get; private set; } = null!;

    /// <inheritdoc/>
    public void Validate()
    {
        if (CheckUrl is not { IsAbsoluteUri: true, Scheme: "http" or "https" })
        {
            throw new FilterConfigurationException("$.check_url", "an http or https URL is needed");
        }

        Http = new HttpClient(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false }) { Timeout = TimeSpan.FromMilliseconds(TimeoutMs) };
    }

    /// <summary>The configuration is gone, and its last request has ended.</summary>
    public void Dispose() => Http?.Dispose();
}
