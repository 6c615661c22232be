using System.Text.Json;
using Outrider.Filters;

namespace Outrider.StockFilters.Jwt;

/// <summary>What a request needs (Envoy's <c>source/extensions/filters/http/jwt_authn/verifier.cc</c>). Any thread.</summary>
internal sealed class JwtRequirement
{
    private const int MaxDepth = 16;

    private readonly Dictionary<string, JwtProvider> _providers;
    private readonly JwtProvider? _provider;
    private readonly string[]? _audiences;
    private readonly JwtRequirement[] _parts = [];
    private readonly bool _all;
    private readonly bool _allowsMissing;
    private readonly bool _allowsFailed;

    /// <exception cref="FilterConfigurationException">It is none, or names a provider that is not there.</exception>
    internal JwtRequirement(string path, JwtRequirementSettings? settings, Dictionary<string, JwtProvider> providers, int depth = 0)
    {
        _providers = providers;
        int given = settings is null ? 0
            : (settings.ProviderName is null ? 0 : 1) + (settings.ProviderAndAudiences is null ? 0 : 1) + (settings.RequiresAny is null ? 0 : 1)
                + (settings.RequiresAll is null ? 0 : 1) + (Is(settings.AllowMissing) ? 1 : 0) + (Is(settings.AllowMissingOrFailed) ? 1 : 0);
        RequireObject(path + ".allowMissing", settings?.AllowMissing);
        RequireObject(path + ".allowMissingOrFailed", settings?.AllowMissingOrFailed);
        if (given != 1 || depth > MaxDepth)
        {
            throw new FilterConfigurationException(path, depth > MaxDepth ? "requirements within requirements, too many" : "wanted one of \"providerName\", \"providerAndAudiences\", \"requiresAny\", \"requiresAll\", \"allowMissing\" and \"allowMissingOrFailed\"");
        }

        _allowsMissing = Is(settings!.AllowMissing);
        _allowsFailed = Is(settings.AllowMissingOrFailed);
        if (settings.ProviderName is { } name)
        {
            _provider = Find(path + ".providerName", name);
        }
        else if (settings.ProviderAndAudiences is { } both)
        {
            _provider = Find(path + ".providerAndAudiences.providerName", both.ProviderName);
            _audiences = both.Audiences ?? [];
        }
        else if (settings.RequiresAny is { } any)
        {
            _parts = Read(path + ".requiresAny", any, depth);
        }
        else if (settings.RequiresAll is { } all)
        {
            _all = true;
            _parts = Read(path + ".requiresAll", all, depth);
        }
    }

    /// <summary>Has the request what it needs?</summary>
    internal async ValueTask<JwtResult> VerifyAsync(StreamContext stream)
    {
        if (_provider is not null)
        {
            return await _provider.VerifyAsync(stream, _audiences);
        }

        if (_parts.Length > 0)
        {
            return _all ? await AllAsync(stream) : await AnyAsync(stream);
        }

        // Nobody is named: a token may be anybody's.
        var result = JwtResult.Missing;
        foreach (var provider in _providers.Values)
        {
            var one = await provider.VerifyAsync(stream, null);
            result = result == JwtResult.Ok || one == JwtResult.Missing ? result : one;
        }

        return _allowsFailed || result == JwtResult.Missing ? JwtResult.Ok : result;
    }

    private async ValueTask<JwtResult> AllAsync(StreamContext stream)
    {
        foreach (var part in _parts)
        {
            if (await part.VerifyAsync(stream) is not JwtResult.Ok and var failed)
            {
                return failed;
            }
        }

        return JwtResult.Ok;
    }

    // A token that is there and wrong is no missing one, whichever of the parts it belongs to.
    private async ValueTask<JwtResult> AnyAsync(StreamContext stream)
    {
        var result = JwtResult.Missing;
        foreach (var part in _parts)
        {
            if (part._allowsMissing || part._allowsFailed)
            {
                continue;
            }

            switch (await part.VerifyAsync(stream))
            {
                case JwtResult.Ok:
                    return JwtResult.Ok;
                case not JwtResult.Missing and var failed:
                    // Another issuer's token says less than one that is this issuer's, and wrong.
                    result = result is JwtResult.Missing or JwtResult.UnknownIssuer ? failed : result;
                    break;
            }
        }

        return _parts.Any(part => part._allowsFailed) || result == JwtResult.Missing && _parts.Any(part => part._allowsMissing) ? JwtResult.Ok : result;
    }

    private JwtProvider Find(string path, string name)
        => _providers.GetValueOrDefault(name) ?? throw new FilterConfigurationException(path, $"there is no provider '{name}'; there are: {string.Join(", ", _providers.Keys)}");

    private JwtRequirement[] Read(string path, JwtRequirementList list, int depth)
        => [.. list.Requirements!.Select((part, i) => new JwtRequirement($"{path}.requirements[{i}]", part, _providers, depth + 1))];

    private static void RequireObject(string path, JsonElement? element)
    {
        if (element is { ValueKind: not (JsonValueKind.Object or JsonValueKind.Null or JsonValueKind.Undefined) })
        {
            throw new FilterConfigurationException(path, "wanted an empty object");
        }
    }

    private static bool Is(JsonElement? element) => element is { ValueKind: JsonValueKind.Object };
}
