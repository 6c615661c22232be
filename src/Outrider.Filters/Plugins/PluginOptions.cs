namespace Outrider.Filters;

/// <summary>How to run a plugin, and how one of its users uses it.</summary>
public sealed record PluginOptions
{
    /// <summary>The most processes that one plugin may have.</summary>
    public const int MaxProcesses = 64;

    /// <summary>The arguments, passed as they are: no shell looks at them. Default none.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>How many processes share the calls, 1 to <see cref="MaxProcesses"/>; each learns the number as <c>MOSN_PROCS</c>. Default 1.</summary>
    public int MaxProcs { get; init; } = 1;

    /// <summary>How many calls of this user may be under way; one more fails at once. Default 1024.</summary>
    public int MaxInFlight { get; init; } = 1024;

    /// <summary>The largest request and response in bytes. Default 4 MiB, as gRPC's libraries have it.</summary>
    public int MaxMessageSize { get; init; } = 4 * 1024 * 1024;
}
