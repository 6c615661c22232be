namespace Outrider.Configuration.Model;

/// <summary>What a health check by gRPC asks for (<c>check_config.grpc_check_config</c>).</summary>
internal sealed record GrpcCheckConfiguration
{
    /// <summary>The service whose health is asked for; empty, the default, for the server's.</summary>
    public string ServiceName { get; init; } = "";

    /// <summary>What is sent as <c>:authority</c>; empty, the default, for the host's name or address.</summary>
    public string Authority { get; init; } = "";

    /// <summary>The port; 0, the default, for the host's own.</summary>
    public int Port { get; init; }
}
