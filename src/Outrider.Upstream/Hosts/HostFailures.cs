namespace Outrider.Upstream.Hosts;

/// <summary>Why no requests go to a host.</summary>
[Flags]
internal enum HostFailures
{
    /// <summary>It is healthy.</summary>
    None = 0,

    /// <summary>It has failed its health checks.</summary>
    FailedChecks = 1,

    /// <summary>It was ejected for what it did with requests.</summary>
    Ejected = 2,

    /// <summary>A filter has set it aside.</summary>
    SetAside = 4,
}
