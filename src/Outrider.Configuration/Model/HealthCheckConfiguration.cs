using Outrider.Configuration.Problems;
using Outrider.Filters;

namespace Outrider.Configuration.Model;

/// <summary>How a cluster's hosts are checked (<c>health_check</c>); names, meanings and defaults are MOSN's.</summary>
internal sealed record HealthCheckConfiguration
{
    /// <summary><c>protocol</c>: <c>TCP</c> (the default), <c>Http1</c>, <c>Http2</c>, <c>gRPC</c>, or the name of one that an extension brings.</summary>
    public string Protocol { get; init; } = "TCP";

    /// <summary>Longest time for one check. Default 1 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Between the end of one check and the next. Default 15 s.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Added to each interval at random, at most. Default 5 ms.</summary>
    public TimeSpan IntervalJitter { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>From the host's coming to its first check. Default 1 s.</summary>
    public TimeSpan InitialDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Checks in a row that an unhealthy host has to pass. Default 1.</summary>
    public int HealthyThreshold { get; init; } = 1;

    /// <summary>Checks in a row that a healthy host has to fail. Default 1.</summary>
    public int UnhealthyThreshold { get; init; } = 1;

    /// <summary>The name that the statistics stand under; the cluster's by default.</summary>
    public string ServiceName { get; init; } = "";

    /// <summary>Where a line is written for each check; null, the default, for nowhere.</summary>
    public string? EventLogPath { get; init; }

    /// <summary>Who hears of each check.</summary>
    public IReadOnlyList<string> Callbacks { get; init; } = [];

    /// <summary>What is asked of HTTP; null to connect and no more, as in MOSN.</summary>
    public HttpCheckConfiguration? Http { get; init; }

    /// <summary>What is asked of gRPC's health service.</summary>
    public GrpcCheckConfiguration Grpc { get; init; } = new();

    /// <summary>Where it comes from; null where nobody says.</summary>
    public Origin? Origin { get; init; }

    /// <summary><c>check_config</c>, for an extension's checker; null when there is none.</summary>
    public ExtensionValue? CheckConfig { get; init; }

    /// <summary>What an extension's creator is given.</summary>
    public FilterConfiguration ToFilterConfiguration()
        => new(Protocol, CheckConfig?.Json ?? default, Origin?.Folder ?? "/");

    /// <summary>A problem with the value of a key.</summary>
    public ConfigurationProblem ProblemAt(string key, string message) => FilterProblem.At(Origin, key, message);

    /// <summary>The problem that a creator found in <c>check_config</c>.</summary>
    public ConfigurationProblem ConfigProblem(FilterConfigurationException exception)
        => CheckConfig is null
            ? FilterProblem.At(Origin, "", exception.Message) with { JsonPath = Origin?.PathOf("check_config") ?? "check_config" }
            : FilterProblem.Of(CheckConfig.Origin, exception.Path, exception.Message);
}
