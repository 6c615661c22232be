using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Outrider.Filters;

namespace Outrider.Samples.EnvoyRemoteBasicAuth;

/// <summary>HTTP's basic authentication (RFC 7617) where another service knows the passwords: it is asked for each request, and the worker serves others meanwhile.</summary>
[StreamFilter("remote-basic-auth", JsonContext = typeof(RemoteAuthJson))]
public sealed class RemoteAuthFilter(RemoteAuthConfig config) : StreamFilter
{
    /// <inheritdoc/>
    public override async ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
    {
        if (headers.GetString("authorization") is not { } authorization)
        {
            return Refuse("no Authorization");
        }

        if (Parse(authorization) is not { } credentials)
        {
            return Refuse("invalid Authorization format");
        }

        if (!await IsRightAsync(credentials))
        {
            return Refuse("invalid username or password");
        }

        headers.Set("x-user", credentials.Username);
        return FilterAction.Continue;
    }

    private static Credentials? Parse(string authorization)
    {
        if (!authorization.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var bytes = new byte[authorization.Length];
        if (!Convert.TryFromBase64String(authorization[6..].Trim(), bytes, out int length))
        {
            return null;
        }

        string text = Encoding.UTF8.GetString(bytes, 0, length);
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 || !HeaderSyntax.IsValue(bytes.AsSpan(0, length)) ? null : new Credentials(text[..colon], text[(colon + 1)..]);
    }

    private static FilterAction Refuse(string why) => Reply(new LocalReply(401, why) { Details = "remote_basic_auth" }.With("www-authenticate", "Basic realm=\"outrider\""));

    private async Task<bool> IsRightAsync(Credentials credentials)
    {
        using var question = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(credentials, RemoteAuthJson.Default.Credentials));
        question.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        try
        {
            using var answer = await config.Http.PostAsync(config.CheckUrl, question, Stream.Aborted);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException e)
        {
            Stream.Log.Warn($"{config.CheckUrl} does not answer: {e.Message}");
            return false;
        }
    }
}
