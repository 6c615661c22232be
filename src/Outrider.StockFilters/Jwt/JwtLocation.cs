using System.Text;
using Outrider.Filters;
using Outrider.StockFilters.Auth;
using Outrider.StockFilters.Matching;

namespace Outrider.StockFilters.Jwt;

/// <summary>Where a request may bear a token.</summary>
internal sealed class JwtLocation
{
    private readonly ApiKeySourceConfig _source;
    private readonly string _prefix;

    private JwtLocation(string path, ApiKeySourceConfig source, string prefix)
    {
        source.Validate(path);
        _source = source;
        _prefix = prefix;
    }

    /// <summary>A provider's; where it names none, <c>authorization: Bearer</c> and the parameter <c>access_token</c>.</summary>
    /// <exception cref="FilterConfigurationException">One of them has no name.</exception>
    internal static JwtLocation[] Read(string path, JwtProviderSettings settings)
    {
        var named = new List<JwtLocation>();
        named.AddRange((settings.FromHeaders ?? []).Select((header, i) =>
        {
            _ = HeaderName.Read($"{path}.fromHeaders[{i}].name", header.Name);
            return new JwtLocation($"{path}.fromHeaders[{i}]", new() { Header = header.Name }, header.ValuePrefix);
        }));
        named.AddRange((settings.FromParams ?? []).Select((name, i) => new JwtLocation($"{path}.fromParams[{i}]", new() { Query = name }, "")));
        named.AddRange((settings.FromCookies ?? []).Select((name, i) => new JwtLocation($"{path}.fromCookies[{i}]", new() { Cookie = name }, "")));
        return named.Count > 0 ? [.. named] : [new(path, new() { Header = "authorization" }, "Bearer "), new(path, new() { Query = "access_token" }, "")];
    }

    /// <summary>The token; null when there is none.</summary>
    internal string? Find(RequestHeaders headers)
    {
        if (_source.Header.Length == 0)
        {
            return RequestCredential.Find(headers, _source) is { } found ? Encoding.Latin1.GetString(found) : null;
        }

        string? value = headers.GetString(_source.Name);
        return value is not null && value.StartsWith(_prefix, StringComparison.Ordinal) ? value[_prefix.Length..].Trim() : null;
    }

    /// <summary>Takes it out.</summary>
    internal void Remove(RequestHeaders headers) => RequestCredential.Remove(headers, _source);
}
