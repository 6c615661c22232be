namespace Outrider.Plugins.Sdk;

/// <summary>How a plugin listens. The defaults suit nearly every plugin.</summary>
public sealed record PluginServerOptions
{
    /// <summary>Listen on a TCP port of the loopback interface, from the range that the proxy gives, instead of a Unix socket. Default false.</summary>
    public bool UseTcp { get; init; }

    /// <summary>The largest request and response, in bytes. Default 4 MiB, as gRPC's libraries have it.</summary>
    public int MaxMessageSize { get; init; } = 4 * 1024 * 1024;

    /// <summary>How many calls may run at a time; those beyond wait with the proxy. Default 1024.</summary>
    public int MaxConcurrentCalls { get; init; } = 1024;

    /// <summary>How long calls that run may go on when the plugin is told to end. Default 1 s.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(1);
}
