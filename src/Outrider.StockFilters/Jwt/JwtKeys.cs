using System.Text;
using Microsoft.IdentityModel.Tokens;
using Outrider.Filters;
using Outrider.StockFilters.Messages;

namespace Outrider.StockFilters.Jwt;

/// <summary>A provider's keys: those of its configuration, or a server's, which are asked for when they are needed and kept for a while. Any thread.</summary>
internal sealed class JwtKeys
{
    private const int MaxLength = 1 << 20;
    private static readonly TimeSpan s_soonest = TimeSpan.FromSeconds(10);

    private readonly HttpUriSettings? _uri;
    private readonly Uri? _address;
    private readonly TimeSpan _kept;
    private volatile IReadOnlyList<SecurityKey>? _keys;
    private long _askAgainAt;
    private long _lastAsked = long.MinValue / 2;
    private int _asking;

    /// <exception cref="FilterConfigurationException">There are no keys, or no place where they are.</exception>
    internal JwtKeys(string path, JwtProviderSettings settings)
    {
        if (settings.LocalJwks is null == settings.RemoteJwks is null)
        {
            throw new FilterConfigurationException(path, "wanted either \"localJwks\" or \"remoteJwks\"");
        }

        if (settings.RemoteJwks is not { } remote)
        {
            return;
        }

        _uri = remote.HttpUri!;
        if (!Uri.TryCreate(_uri.Uri, UriKind.Absolute, out _address) || _address.Scheme is not ("http" or "https"))
        {
            throw new FilterConfigurationException(path + ".remoteJwks.httpUri.uri", $"'{_uri.Uri}' is not an http or https address");
        }

        _kept = remote.CacheDuration > TimeSpan.Zero ? remote.CacheDuration : TimeSpan.FromMinutes(10);
    }

    /// <summary>Reads those of the configuration.</summary>
    /// <exception cref="FilterConfigurationException">They cannot be read, or are no key set.</exception>
    internal void Read(string path, JwtLocalKeys? source, ConfigurationFiles files)
    {
        if (source is null)
        {
            return;
        }

        string text = source switch
        {
            { Filename.Length: > 0 } => Encoding.UTF8.GetString(files.Read(path + ".filename", source.Filename, MaxLength)),
            { InlineString.Length: > 0 } => source.InlineString,
            { InlineBytes.Length: > 0 } => Encoding.UTF8.GetString(source.InlineBytes),
            { EnvironmentVariable.Length: > 0 } => Environment.GetEnvironmentVariable(source.EnvironmentVariable) ?? "",
            _ => "",
        };
        _keys = Parse(text) is { Count: > 0 } keys ? keys : throw new FilterConfigurationException(path, "is no JSON Web Key Set with a key that signatures can be checked with");
    }

    /// <summary>The keys.</summary>
    /// <param name="stream">Asks for them.</param>
    /// <param name="keyId">The key that is wanted: where it is not among those that are kept, it may be new.</param>
    /// <returns>Null when there are none to be had.</returns>
    internal ValueTask<IReadOnlyList<SecurityKey>?> GetAsync(StreamContext stream, string keyId)
    {
        var keys = _keys;
        if (_uri is null)
        {
            return new(keys);
        }

        long now = Environment.TickCount64;
        bool isNew = keys is not null && keyId.Length > 0 && !keys.Any(key => key.KeyId == keyId) && now - Interlocked.Read(ref _lastAsked) > s_soonest.TotalMilliseconds;
        return keys is not null && now < Interlocked.Read(ref _askAgainAt) && !isNew ? new(keys) : AskAsync(stream, keys);
    }

    private async ValueTask<IReadOnlyList<SecurityKey>?> AskAsync(StreamContext stream, IReadOnlyList<SecurityKey>? old)
    {
        // One asks at a time, as long as the others have keys to go on with.
        bool first = Interlocked.Exchange(ref _asking, 1) == 0;
        if (!first && old is not null)
        {
            return old;
        }

        try
        {
            Interlocked.Exchange(ref _lastAsked, Environment.TickCount64);
            var callout = new Callout(_uri!.Cluster, "GET", _address!.PathAndQuery)
            {
                Authority = _address.Authority,
                Timeout = _uri.Timeout > TimeSpan.Zero ? _uri.Timeout : TimeSpan.FromSeconds(5),
            };
            var answer = await stream.CalloutAsync(callout, stream.Aborted);
            if (answer.Status != 200 || answer.Body.Length > MaxLength || Parse(answer.Text) is not { Count: > 0 } keys)
            {
                stream.Log.Warn($"no JSON Web Key Set from {_uri.Uri} (cluster {_uri.Cluster}): status {answer.Status}, {answer.Body.Length} bytes");
                return old;
            }

            _keys = keys;
            Interlocked.Exchange(ref _askAgainAt, Environment.TickCount64 + (long)_kept.TotalMilliseconds);
            return keys;
        }
        catch (CalloutException e)
        {
            stream.Log.Warn($"no JSON Web Key Set from {_uri!.Uri} (cluster {_uri.Cluster}): {e.Message}");
            return old;
        }
        finally
        {
            if (first)
            {
                Volatile.Write(ref _asking, 0);
            }
        }
    }

    private static List<SecurityKey>? Parse(string text)
    {
        try
        {
            if (text.Length == 0)
            {
                return null;
            }

            // A secret (RFC 7518 §6.4) is none of the keys that the library calls signing ones.
            var set = new JsonWebKeySet(text);
            return [.. set.GetSigningKeys(), .. set.Keys.Where(static key => key is { Kty: JsonWebAlgorithmsKeyTypes.Octet, K.Length: > 0 } && key.Use is null or "" or "sig")];
        }
        catch (Exception e) when (e is ArgumentException or System.Text.Json.JsonException or FormatException)
        {
            return null;
        }
    }
}
