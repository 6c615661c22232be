using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Outrider.Filters;
using Outrider.StockFilters.Matching;

namespace Outrider.StockFilters.Jwt;

/// <summary>Somebody who issues tokens: where requests bear them, what they must say, what becomes of them. Any thread, but for what is done to a stream.</summary>
internal sealed class JwtProvider
{
    private const string Namespace = "envoy.filters.http.jwt_authn";
    private static readonly JsonWebTokenHandler s_handler = new() { MaximumTokenSizeInBytes = 64 << 10, MapInboundClaims = false };

    private readonly string _path;
    private readonly JwtProviderSettings _settings;
    private readonly JwtKeys _keys;
    private readonly JwtLocation[] _locations;
    private readonly TimeSpan _skew;

    /// <exception cref="FilterConfigurationException">Something is wrong with it.</exception>
    internal JwtProvider(string path, JwtProviderSettings settings)
    {
        _path = path;
        _settings = settings;
        _keys = new JwtKeys(path, settings);
        _locations = JwtLocation.Read(path, settings);
        _skew = TimeSpan.FromSeconds(settings.ClockSkewSeconds is > 0 and var seconds ? seconds : 60);
        if (settings.ForwardPayloadHeader.Length > 0)
        {
            _ = HeaderName.ReadWritable(path + ".forwardPayloadHeader", settings.ForwardPayloadHeader);
        }

        for (int i = 0; i < settings.ClaimToHeaders?.Length; i++)
        {
            _ = HeaderName.ReadWritable($"{path}.claimToHeaders[{i}].headerName", settings.ClaimToHeaders[i].HeaderName);
        }
    }

    /// <summary>Reads the keys of the configuration.</summary>
    internal void ReadKeys(ConfigurationFiles files) => _keys.Read(_path + ".localJwks", _settings.LocalJwks, files);

    /// <summary>Takes away what only this proxy tells the upstream.</summary>
    internal void RemoveOwn(RequestHeaders headers)
    {
        if (_settings.ForwardPayloadHeader.Length > 0)
        {
            _ = headers.Remove(_settings.ForwardPayloadHeader);
        }

        foreach (var claim in _settings.ClaimToHeaders ?? [])
        {
            _ = headers.Remove(claim.HeaderName);
        }
    }

    /// <summary>Has the request a token of this provider that is in order? One of several is enough.</summary>
    /// <param name="stream">The request's stream.</param>
    /// <param name="audiences">In place of the provider's own; null for these.</param>
    internal async ValueTask<JwtResult> VerifyAsync(StreamContext stream, string[]? audiences)
    {
        var result = JwtResult.Missing;
        foreach (var location in _locations)
        {
            if (location.Find(stream.RequestHeaders) is not { Length: > 0 } token)
            {
                continue;
            }

            result = await VerifyAsync(stream, token, audiences ?? _settings.Audiences);
            if (result == JwtResult.Ok)
            {
                Pass(stream, location, token);
                return result;
            }
        }

        return result;
    }

    private async ValueTask<JwtResult> VerifyAsync(StreamContext stream, string text, string[]? audiences)
    {
        JsonWebToken token;
        try
        {
            token = new JsonWebToken(text);
        }
        catch (Exception e) when (e is ArgumentException or SecurityTokenException or FormatException or JsonException)
        {
            return JwtResult.BadFormat;
        }

        if (_settings.Issuer.Length > 0 && token.Issuer != _settings.Issuer)
        {
            return JwtResult.UnknownIssuer;
        }

        if (await _keys.GetAsync(stream, token.Kid ?? "") is not { } keys)
        {
            return JwtResult.NoKeys;
        }

        var answer = await s_handler.ValidateTokenAsync(token, new TokenValidationParameters
        {
            IssuerSigningKeys = keys,
            ValidateIssuer = false,
            ValidateAudience = audiences is { Length: > 0 },
            ValidAudiences = audiences ?? [],
            RequireExpirationTime = _settings.RequireExpiration,
            ClockSkew = _skew,
        });
        return answer.IsValid
            ? _settings.MaxLifetime > TimeSpan.Zero && token.ValidTo - DateTime.UtcNow > _settings.MaxLifetime ? JwtResult.LivesTooLong : JwtResult.Ok
            : answer.Exception switch
            {
                SecurityTokenExpiredException => JwtResult.Expired,
                SecurityTokenNotYetValidException => JwtResult.NotYetValid,
                SecurityTokenInvalidAudienceException => JwtResult.AudienceNotAllowed,
                SecurityTokenNoExpirationException => JwtResult.NoExpiration,
                _ => JwtResult.BadSignature,
            };
    }

    private void Pass(StreamContext stream, JwtLocation location, string token)
    {
        string payload = token.Split('.')[1];
        if (!_settings.Forward)
        {
            location.Remove(stream.RequestHeaders);
        }

        if (_settings.ForwardPayloadHeader.Length > 0)
        {
            stream.RequestHeaders.Set(_settings.ForwardPayloadHeader, _settings.PadForwardPayloadHeader ? payload.PadRight((payload.Length + 3) / 4 * 4, '=') : payload);
        }

        if (_settings.PayloadInMetadata.Length == 0 && _settings.ClaimToHeaders is null or [])
        {
            return;
        }

        byte[] json = Base64UrlEncoder.DecodeBytes(payload);
        using var document = JsonDocument.Parse(json);
        if (_settings.PayloadInMetadata.Length > 0)
        {
            using var wrapped = JsonDocument.Parse(Wrap(_settings.PayloadInMetadata, json));
            stream.Metadata.Merge(Namespace, wrapped.RootElement);
        }

        foreach (var claim in _settings.ClaimToHeaders ?? [])
        {
            if (TextOf(document.RootElement, claim.ClaimName) is { } value && HeaderSyntax.IsValue(Encoding.UTF8.GetBytes(value)))
            {
                stream.RequestHeaders.Set(Encoding.ASCII.GetBytes(claim.HeaderName), Encoding.UTF8.GetBytes(value));
            }
        }
    }

    private static string Wrap(string key, byte[] json) => $"{{\"{JsonEncodedText.Encode(key)}\":{Encoding.UTF8.GetString(json)}}}";

    // Texts, numbers and flags, as in Envoy; objects and lists in base64url.
    private static string? TextOf(JsonElement element, string name)
    {
        foreach (string part in name.Split('.'))
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(part, out element))
            {
                return null;
            }
        }

        return element.ValueKind switch
        {
            JsonValueKind.String => element.GetString(),
            JsonValueKind.True => "true",
            JsonValueKind.False => "false",
            JsonValueKind.Number => element.TryGetInt64(out long whole) ? whole.ToString(CultureInfo.InvariantCulture) : element.GetRawText(),
            JsonValueKind.Object or JsonValueKind.Array => Base64UrlEncoder.Encode(element.GetRawText()),
            _ => null,
        };
    }
}
