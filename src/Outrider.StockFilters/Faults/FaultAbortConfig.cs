using System.Text.Json.Serialization;
using Outrider.Filters;

namespace Outrider.StockFilters.Faults;

/// <summary>How many requests are answered, and with what.</summary>
public sealed class FaultAbortConfig
{
    /// <summary>Per cent of the requests, 0 to 100. Default 0.</summary>
    public int Percentage { get; set; }

    /// <summary>The status, 200–599. Required where <see cref="Percentage"/> is not 0.</summary>
    public int Status { get; set; }

    [JsonIgnore]
    internal LocalReply Reply { get; private set; } = null!;

    internal void Validate(string path)
    {
        ValidatePercentage(path, Percentage);
        if (Status is < 200 or > 599 && Percentage > 0)
        {
            throw new FilterConfigurationException(path + ".status", $"found {Status}, wanted 200 to 599");
        }

        Reply = new LocalReply(Percentage > 0 ? Status : 503) { Details = "fault_filter_abort" };
    }

    internal static void ValidatePercentage(string path, int percentage)
    {
        if (percentage is < 0 or > 100)
        {
            throw new FilterConfigurationException(path + ".percentage", $"found {percentage}, wanted 0 to 100");
        }
    }
}
