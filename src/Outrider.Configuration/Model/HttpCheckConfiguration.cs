namespace Outrider.Configuration.Model;

/// <summary>What a health check by HTTP asks for (<c>check_config.http_check_config</c>).</summary>
internal sealed record HttpCheckConfiguration
{
    /// <summary>The port; 0, the default, for the host's own.</summary>
    public int Port { get; init; }

    /// <summary>Longest time for one check where it is less than the check's own; zero, the default, for that.</summary>
    public TimeSpan Timeout { get; init; }

    /// <summary>The path, with a query or without. Default <c>/</c>.</summary>
    public string Path { get; init; } = "/";

    /// <summary>The method. Default <c>GET</c>.</summary>
    public string Method { get; init; } = "GET";

    /// <summary>Is it asked in TLS? Default: as the cluster's hosts are.</summary>
    public bool? IsHttps { get; init; }

    /// <summary>What is sent as <c>Host</c>; empty, the default, for the host's name or address.</summary>
    public string Domain { get; init; } = "";

    /// <summary>Statuses that a healthy host answers with, from and to. Empty, the default, for 200 alone.</summary>
    public IReadOnlyList<(int Start, int End)> Codes { get; init; } = [];

    /// <summary>Does a healthy host answer with that?</summary>
    public bool IsExpected(int status) => Codes.Count == 0 ? status == 200 : Codes.Any(range => status >= range.Start && status <= range.End);
}
