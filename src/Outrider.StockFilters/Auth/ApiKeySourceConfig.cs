using System.Text;
using System.Text.Json.Serialization;
using Outrider.Filters;
using Outrider.StockFilters.Matching;

namespace Outrider.StockFilters.Auth;

/// <summary>Where a request bears its key: one of the three.</summary>
public sealed class ApiKeySourceConfig
{
    /// <summary>A header; where it is <c>authorization</c>, behind <c>Bearer</c>.</summary>
    public string Header { get; set; } = "";

    /// <summary>A parameter of the query.</summary>
    public string Query { get; set; } = "";

    /// <summary>A cookie.</summary>
    public string Cookie { get; set; } = "";

    [JsonIgnore]
    internal byte[] Name { get; private set; } = [];

    internal void Validate(string path)
    {
        string[] given = [.. new[] { Header, Query, Cookie }.Where(one => !string.IsNullOrEmpty(one))];
        if (given.Length != 1)
        {
            throw new FilterConfigurationException(path, "wanted one of \"header\", \"query\" and \"cookie\"");
        }

        Name = Header.Length > 0 ? HeaderName.Read(path + ".header", Header) : Cookie.Length > 0 ? HeaderName.Read(path + ".cookie", Cookie) : Encoding.UTF8.GetBytes(Query);
    }
}
