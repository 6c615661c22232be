namespace Outrider.Plugins.Protocol;

/// <summary>The gRPC methods that a proxy calls on a plugin, as paths.</summary>
public static class PluginMethods
{
    /// <summary>The plugin's own work.</summary>
    public const string Call = "/proto.Plugin/Call";

    /// <summary>gRPC's health check.</summary>
    public const string Health = "/grpc.health.v1.Health/Check";

    /// <summary>go-plugin's request to end.</summary>
    public const string Shutdown = "/plugin.GRPCController/Shutdown";

    /// <summary>go-plugin's stream of what the plugin prints.</summary>
    public const string Stdio = "/plugin.GRPCStdio/StreamStdio";

    /// <summary>The service's name for health checks.</summary>
    public const string HealthService = "plugin";
}
