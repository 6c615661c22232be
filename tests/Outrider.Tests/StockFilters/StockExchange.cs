using System.Text;
using Outrider.Filters;
using Outrider.StockFilters;
using Outrider.Tests.Harness;
using static Outrider.Tests.Filters.FilterExchange;

namespace Outrider.Tests.StockFilters;

/// <summary>What tests of stock filters do alike.</summary>
internal static class StockExchange
{
    /// <summary>One request through one filter to an upstream that answers with the request as it came.</summary>
    internal static async Task<string> MirroredAsync(string type, string config, string request, string perFilterConfig = "{}")
    {
        using var upstream = Mirror();
        await using var proxy = await StockProxy.StartAsync(upstream.Address, $$"""{"type":"{{type}}","config":{{config}} }""", perFilterConfig: perFilterConfig);
        return await proxy.SendAsync(request);
    }

    /// <summary>A GET with these fields, each ended by CR LF.</summary>
    internal static string GetWith(string fields, string path = "/") => $"GET {path} HTTP/1.1\r\nhost: a.test\r\n{fields}\r\n";

    /// <summary>Reads a configuration, which must be refused.</summary>
    internal static FilterConfigurationException Refusal(string type, string config)
    {
        var registry = new StreamFilterRegistry();
        StockFilterSet.Register(registry);
        return Assert.Throws<FilterConfigurationException>(() => registry.Find(type)!(new FilterConfiguration(type, Encoding.UTF8.GetBytes(config), "/")));
    }
}
