using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Outrider.Filters;
using Outrider.StockFilters.Matching;

namespace Outrider.StockFilters.Faults;

/// <summary>How many requests are answered, and with what.</summary>
public sealed class FaultAbortConfig
{
    /// <summary>Per cent of the requests, 0 to 100. Default 0.</summary>
    [Range(0, 100)]
    public int Percentage { get; set; }

    /// <summary>The status, 200–599. Required where <see cref="Percentage"/> is not 0.</summary>
    [ZeroOr(200, 599)]
    public int Status { get; set; }

    [JsonIgnore]
    internal LocalReply Reply { get; private set; } = null!;

    internal void Validate(string path)
    {
        if (Status == 0 && Percentage > 0)
        {
            throw new FilterConfigurationException(path + ".status", "found 0, wanted 200 to 599");
        }

        Reply = new LocalReply(Percentage > 0 ? Status : 503) { Details = "fault_filter_abort" };
    }
}
