using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Outrider.Filters;
using Outrider.StockFilters.Messages;
using Outrider.StockFilters.Mutation;

namespace Outrider.StockFilters.ExtAuthz;

/// <summary>Asks in HTTP: the request's method, path and chosen headers go to the service. 200 lets the request pass, 5xx is no answer, all else a refusal that the client gets.</summary>
internal sealed class HttpAuthorization : IAuthorizationService
{
    // Envoy's, for services that do not say.
    private static readonly TimeSpan s_timeout = TimeSpan.FromMilliseconds(200);

    private readonly HttpServiceSettings _service;
    private readonly ShownHeaders _shown;
    private readonly Func<string, bool>? _upstream, _upstreamToo, _client, _clientOnSuccess, _metadata;

    /// <exception cref="FilterConfigurationException">Something is wrong with it.</exception>
    internal HttpAuthorization(ExtAuthzSettings settings)
    {
        const string Path = "$.httpService";
        _service = settings.HttpService!;
        if (_service.PathPrefix.Length > 0 && _service.PathPrefix[0] != '/')
        {
            throw new FilterConfigurationException(Path + ".pathPrefix", "wanted one that begins with \"/\"");
        }

        var allowed = settings.AllowedHeaders?.Compile("$.allowedHeaders");
        var older = _service.AuthorizationRequest?.AllowedHeaders?.Compile(Path + ".authorizationRequest.allowedHeaders");
        _shown = new ShownHeaders(name => name == "authorization" || (allowed?.Invoke(name) ?? false) || (older?.Invoke(name) ?? false), settings.DisallowedHeaders?.Compile("$.disallowedHeaders"));
        for (int i = 0; i < _service.AuthorizationRequest?.HeadersToAdd?.Length; i++)
        {
            _service.AuthorizationRequest.HeadersToAdd[i].Validate($"{Path}.authorizationRequest.headersToAdd[{i}]");
        }

        Func<string, bool>? Read(string key, StringListSettings? list) => list?.Compile($"{Path}.authorizationResponse.{key}");
        var response = _service.AuthorizationResponse;
        _upstream = Read("allowedUpstreamHeaders", response?.AllowedUpstreamHeaders);
        _upstreamToo = Read("allowedUpstreamHeadersToAppend", response?.AllowedUpstreamHeadersToAppend);
        _client = Read("allowedClientHeaders", response?.AllowedClientHeaders);
        _clientOnSuccess = Read("allowedClientHeadersOnSuccess", response?.AllowedClientHeadersOnSuccess);
        _metadata = Read("dynamicMetadataFromHeaders", response?.DynamicMetadataFromHeaders);
    }

    /// <inheritdoc/>
    public async Task<AuthorizationAnswer> AskAsync(StreamContext stream, RequestHeaders headers, byte[]? body, bool isPartial, IReadOnlyDictionary<string, string> extensions)
    {
        var answer = await stream.CalloutAsync(Question(headers, body, isPartial), stream.Aborted);
        if (answer.Status >= 500)
        {
            throw new CalloutException($"cluster '{_service.ServerUri!.Cluster}': the authorization service answers with status {answer.Status}");
        }

        var fields = answer.Headers.Where(field => !field.Key.StartsWith(':') && !HeaderChange.IsFraming(field.Key)).ToList();
        var metadata = new JsonObject(fields.Where(field => _metadata?.Invoke(field.Key) ?? false).Select(field => new KeyValuePair<string, JsonNode?>(field.Key, JsonValue.Create(field.Value))).DistinctBy(field => field.Key));
        JsonElement? told = metadata.Count > 0 ? JsonDocument.Parse(metadata.ToJsonString()).RootElement : null;
        return answer.Status == 200 ? AuthorizationAnswer.Allow([.. ForUpstream(fields)], [.. Chosen(fields, _clientOnSuccess, AppendAction.AppendIfExistsOrAdd)], told)
            : AuthorizationAnswer.Deny(answer.Status, answer.Body.ToArray(), [.. Chosen(fields, Shows, AppendAction.AppendIfExistsOrAdd)], told);
    }

    private static IEnumerable<HeaderChange> Chosen(List<KeyValuePair<string, string>> fields, Func<string, bool>? chosen, AppendAction action)
        => fields.Where(field => chosen?.Invoke(field.Key) ?? false).Select(field => new HeaderChange(field.Key, Encoding.Latin1.GetBytes(field.Value), action));

    // A refusal makes no sense without these.
    private bool Shows(string name) => (_client?.Invoke(name) ?? name != "host") || name is "www-authenticate" or "location";

    private IEnumerable<HeaderChange> ForUpstream(List<KeyValuePair<string, string>> fields)
        => fields.Where(field => field.Key == "x-envoy-auth-headers-to-remove")
            .SelectMany(field => field.Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).Select(name => new HeaderChange(name, null))
            .Concat(Chosen(fields, _upstream, AppendAction.OverwriteIfExistsOrAdd))
            .Concat(Chosen(fields, _upstreamToo, AppendAction.AppendIfExistsOrAdd));

    private Callout Question(RequestHeaders headers, byte[]? body, bool isPartial)
    {
        var uri = _service.ServerUri!;
        string path = headers.PathString;
        var callout = new Callout(uri.Cluster, headers.MethodString, _service.PathPrefix + (path[0] == '/' ? path : "/"))
        {
            Authority = headers.AuthorityString is { Length: > 0 } authority ? authority : uri.Cluster,
            Timeout = uri.Timeout > TimeSpan.Zero ? uri.Timeout : s_timeout,
            Body = body,
        };
        foreach (var (name, value) in _shown.Of(headers))
        {
            _ = callout.With(name, Encoding.Latin1.GetString(value));
        }

        foreach (var field in _service.AuthorizationRequest?.HeadersToAdd ?? [])
        {
            _ = callout.With(field.Key, field.Value);
        }

        return body is null ? callout : callout.With("x-envoy-auth-partial-body", isPartial ? "true" : "false");
    }
}
