namespace Outrider.Proxy.Server;

/// <summary>What the process is doing, with MOSN's numbers (<c>pkg/stagemanager</c>) for those who watch <c>/api/v1/states</c>.</summary>
internal enum ProxyState
{
    /// <summary>Not accepting yet.</summary>
    Starting = 4,

    /// <summary>Serving.</summary>
    Running = 6,

    /// <summary>Draining.</summary>
    Stopping = 8,
}
