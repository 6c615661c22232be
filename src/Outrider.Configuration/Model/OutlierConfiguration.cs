namespace Outrider.Configuration.Model;

/// <summary>When a host is ejected for what it does with requests (<c>outlier_detection</c>); names, meanings and defaults are Envoy's.</summary>
internal sealed record OutlierConfiguration
{
    /// <summary>Answers of 500 and above in a row that eject a host; 0: any number. Default 5.</summary>
    public int Consecutive5xx { get; init; } = 5;

    /// <summary>Chance in per cent that such a host is ejected. Default 100.</summary>
    public int Enforcing5xx { get; init; } = 100;

    /// <summary>Answers of 502, 503 and 504 in a row that eject a host; 0: any number. Default 5.</summary>
    public int ConsecutiveGatewayFailure { get; init; } = 5;

    /// <summary>Chance in per cent that such a host is ejected. Default 0; 100 where <see cref="ConsecutiveGatewayFailure"/> is set.</summary>
    public int EnforcingGatewayFailure { get; init; }

    /// <summary>Are connections that fail, resets and timeouts counted apart from answers? Default false: each is an answer of 503 or 504.</summary>
    public bool SplitsLocalOrigin { get; init; }

    /// <summary>Such failures in a row that eject a host, where they are counted apart; 0: any number. Default 5.</summary>
    public int ConsecutiveLocalOriginFailure { get; init; } = 5;

    /// <summary>Chance in per cent that such a host is ejected. Default 100.</summary>
    public int EnforcingLocalOriginFailure { get; init; } = 100;

    /// <summary>How often success rates are looked at, and ejected hosts come back. Default 10 s.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a host's first ejection lasts; the n-th lasts n times as long. Default 30 s.</summary>
    public TimeSpan BaseEjectionTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest ejection. Default 300 s, or the base time where that is longer.</summary>
    public TimeSpan MaxEjectionTime { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>What is added to an ejection's time at random, at most. Default none.</summary>
    public TimeSpan MaxEjectionTimeJitter { get; init; }

    /// <summary>Per cent of the hosts that may be ejected at one time; one always may, unless this is 0. Default 10.</summary>
    public int MaxEjectionPercent { get; init; } = 10;

    /// <summary>Hosts with enough requests that it takes to compare success rates. Default 5.</summary>
    public int SuccessRateMinimumHosts { get; init; } = 5;

    /// <summary>Requests within an interval that are enough. Default 100.</summary>
    public int SuccessRateRequestVolume { get; init; } = 100;

    /// <summary>A host is an outlier when its rate is less than the mean by this many thousandths of the standard deviation. Default 1900.</summary>
    public int SuccessRateStdevFactor { get; init; } = 1900;

    /// <summary>Chance in per cent that such a host is ejected. Default 100.</summary>
    public int EnforcingSuccessRate { get; init; } = 100;

    /// <summary>The same for the success rate of the network, where it is counted apart. Default 100.</summary>
    public int EnforcingLocalOriginSuccessRate { get; init; } = 100;

    /// <summary>Per cent of failed requests from which on a host is an outlier. Default 85.</summary>
    public int FailurePercentageThreshold { get; init; } = 85;

    /// <summary>Hosts with enough requests that it takes. Default 5.</summary>
    public int FailurePercentageMinimumHosts { get; init; } = 5;

    /// <summary>Requests within an interval that are enough. Default 50.</summary>
    public int FailurePercentageRequestVolume { get; init; } = 50;

    /// <summary>Chance in per cent that such a host is ejected. Default 0.</summary>
    public int EnforcingFailurePercentage { get; init; }

    /// <summary>The same for failures of the network, where they are counted apart. Default 0.</summary>
    public int EnforcingFailurePercentageLocalOrigin { get; init; }

    /// <summary>Does a health check that is passed end an ejection? Default true.</summary>
    public bool ChecksUneject { get; init; } = true;
}
