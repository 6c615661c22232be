using System.Net;

namespace Outrider.Configuration.Model;

/// <summary>Where the admin API listens.</summary>
/// <param name="EndPoint">The address, 127.0.0.1 when the configuration gives none; port 0 means any that is free.</param>
internal sealed record AdminConfiguration(IPEndPoint EndPoint)
{
    /// <summary>Names of the pages to serve beside those that every proxy has (<c>handlers</c>, a key of ours). Default: none.</summary>
    public IReadOnlyList<string> Handlers { get; init; } = [];

    /// <summary>Names and addresses that clients may call the admin API by, beside the address that they reach it at and <c>localhost</c> (<c>hosts</c>, ours). Default: none.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>May clients on other machines change something without a token (<c>allow_remote</c>, ours)? Default false.</summary>
    public bool AllowRemote { get; init; }

    /// <summary>What every request has to show as <c>Authorization: Bearer</c> (<c>token</c>, ours). Default: null, nothing.</summary>
    public string? Token { get; init; }
}
