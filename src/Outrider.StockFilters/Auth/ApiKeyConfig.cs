using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using Outrider.Filters;
using Outrider.StockFilters.Matching;

namespace Outrider.StockFilters.Auth;

/// <summary>Keys and whose they are; Envoy's <c>api_key_auth</c> has the same keys.</summary>
public sealed class ApiKeyConfig : IValidatable, IMetricsUser
{
    // By a hash of the key, so that how long a search takes tells nothing of keys that are known.
    private readonly Dictionary<Key, string> _clients = [];

    /// <summary>The keys. Required, but for a route's configuration that only says who is allowed.</summary>
    public ApiKeyCredentialConfig[]? Credentials { get; set; }

    /// <summary>Where a request may bear its key; the first place that has one counts. Required, with <see cref="Credentials"/>.</summary>
    public ApiKeySourceConfig[]? KeySources { get; set; }

    /// <summary>For a route: only these clients, 403 to others. Default: all that are known.</summary>
    public string[]? AllowedClients { get; set; }

    /// <summary>The request header that tells the upstream whose key it was. A client's own is removed. Default, and empty: none.</summary>
    public string ForwardClientHeader { get; set; } = "";

    /// <summary>Takes the key out of the request that goes on (header, query or cookie). Default false.</summary>
    public bool HideCredentials { get; set; }

    /// <summary>Lets requests pass unasked: for a route. Default false.</summary>
    public bool Disable { get; set; }

    [JsonIgnore]
    internal byte[] ClientHeader { get; private set; } = [];

    [JsonIgnore]
    internal FilterCounter Denied { get; private set; } = null!;

    /// <inheritdoc/>
    public void Validate()
    {
        ClientHeader = string.IsNullOrEmpty(ForwardClientHeader) ? [] : HeaderName.ReadWritable("$.forward_client_header", ForwardClientHeader);
        if (!Disable && AllowedClients is null && (Credentials is null or [] || KeySources is null or []))
        {
            throw new FilterConfigurationException("$.credentials", "wanted \"credentials\" and \"key_sources\": nobody could pass");
        }

        if (Credentials is null or [] != KeySources is null or [])
        {
            throw new FilterConfigurationException("$.key_sources", "\"credentials\" and \"key_sources\" go together");
        }

        for (int i = 0; i < Credentials?.Length; i++)
        {
            string path = $"$.credentials[{i}]";
            var credential = Credentials[i] ?? throw new FilterConfigurationException(path, "wanted an object");
            if (!HeaderSyntax.IsValue(Encoding.UTF8.GetBytes(credential.Client!)))
            {
                throw new FilterConfigurationException(path + ".client", "holds a control character");
            }

            if (!_clients.TryAdd(Key.Of(Encoding.UTF8.GetBytes(credential.Key!)), credential.Client!))
            {
                throw new FilterConfigurationException(path + ".key", "the key is another client's as well");
            }
        }

        for (int i = 0; i < KeySources?.Length; i++)
        {
            (KeySources[i] ?? throw new FilterConfigurationException($"$.key_sources[{i}]", "wanted an object")).Validate($"$.key_sources[{i}]");
        }
    }

    /// <inheritdoc/>
    public void CreateMetrics(FilterMetrics metrics)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        Denied = metrics.CreateCounter("denied", "reason");
    }

    /// <summary>Whose key it is, or null.</summary>
    internal string? ClientOf(ReadOnlySpan<byte> key) => _clients.GetValueOrDefault(Key.Of(key));

    private readonly record struct Key(Int128 First, Int128 Second)
    {
        internal static Key Of(ReadOnlySpan<byte> key)
        {
            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            _ = SHA256.HashData(key, hash);
            return new(System.Buffers.Binary.BinaryPrimitives.ReadInt128LittleEndian(hash), System.Buffers.Binary.BinaryPrimitives.ReadInt128LittleEndian(hash[16..]));
        }
    }
}
