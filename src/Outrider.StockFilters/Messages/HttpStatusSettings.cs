using System.Globalization;
using System.Text.Json;
using Outrider.Filters;

namespace Outrider.StockFilters.Messages;

/// <summary>The message <c>HttpStatus</c>, whose code is a number or one of Envoy's names (<c>ServiceUnavailable</c>).</summary>
internal sealed class HttpStatusSettings
{
    private static readonly Dictionary<string, int> s_names = new(StringComparer.Ordinal)
    {
        ["OK"] = 200, ["BadRequest"] = 400, ["Unauthorized"] = 401, ["Forbidden"] = 403, ["NotFound"] = 404, ["MethodNotAllowed"] = 405, ["ProxyAuthenticationRequired"] = 407,
        ["RequestTimeout"] = 408, ["Conflict"] = 409, ["Gone"] = 410, ["TooManyRequests"] = 429, ["InternalServerError"] = 500, ["NotImplemented"] = 501, ["BadGateway"] = 502,
        ["ServiceUnavailable"] = 503, ["GatewayTimeout"] = 504,
    };

    /// <summary>The status.</summary>
    public JsonElement Code { get; set; }

    /// <summary>The status.</summary>
    /// <exception cref="FilterConfigurationException">It is none of a reply.</exception>
    internal int Read(string path)
    {
        int code = Code.ValueKind == JsonValueKind.Number && Code.TryGetInt32(out int number) ? number
            : Code.ValueKind == JsonValueKind.String && s_names.TryGetValue(Code.GetString()!, out number) ? number : 0;
        return code is >= 200 and <= 599 ? code
            : throw new FilterConfigurationException(path + ".code", string.Create(CultureInfo.InvariantCulture, $"found {Code}, wanted a status from 200 to 599, or its name such as \"ServiceUnavailable\""));
    }
}
