namespace Outrider.Configuration.Model;

/// <summary>Sends the client elsewhere. What is null stays as in the request.</summary>
internal sealed record RedirectConfiguration
{
    /// <summary>301 (the default), 302, 303, 307 or 308.</summary>
    public int ResponseCode { get; init; } = 301;

    /// <summary>The new path.</summary>
    public string? PathRedirect { get; init; }

    /// <summary>The new host, with its port if it has one.</summary>
    public string? HostRedirect { get; init; }

    /// <summary>The new scheme, lower case.</summary>
    public string? SchemeRedirect { get; init; }
}
