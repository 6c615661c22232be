using Outrider.Modules.Abi;
using Outrider.Plugins.Modules.Memory;

namespace Outrider.Plugins.Modules.Linking;

/// <summary>
/// The functions that a module exports, as the ABI declares them. A null one the module does not have; only those that make
/// configurations and filters, and end them, must be there. Pointers stay good for ever: a module is not unloaded.
/// </summary>
/// <remarks>
/// In every signature the first <c>nint</c> is the host's name for the stream or configuration (<see cref="HostPointers{T}"/>)
/// and the second the module's pointer; a <c>bool</c> is a byte. What the pointers of a call lead to is the host's and lent
/// for the length of the call.
/// </remarks>
internal sealed unsafe class ModuleHooks
{
    internal readonly delegate* unmanaged[Cdecl]<byte*> ProgramInit;
    internal readonly delegate* unmanaged[Cdecl]<nint, EnvoyBuffer, EnvoyBuffer, nint> ConfigNew;
    internal readonly delegate* unmanaged[Cdecl]<nint, void> ConfigDestroy;
    internal readonly delegate* unmanaged[Cdecl]<EnvoyBuffer, EnvoyBuffer, nint> RouteConfigNew;
    internal readonly delegate* unmanaged[Cdecl]<nint, void> RouteConfigDestroy;
    internal readonly delegate* unmanaged[Cdecl]<nint, nint, nint> FilterNew;
    internal readonly delegate* unmanaged[Cdecl]<nint, void> FilterDestroy;
    internal readonly delegate* unmanaged[Cdecl]<nint, nint, byte, HeadersStatus> RequestHeaders;
    internal readonly delegate* unmanaged[Cdecl]<nint, nint, byte, DataStatus> RequestBody;
    internal readonly delegate* unmanaged[Cdecl]<nint, nint, TrailersStatus> RequestTrailers;
    internal readonly delegate* unmanaged[Cdecl]<nint, nint, byte, HeadersStatus> ResponseHeaders;
    internal readonly delegate* unmanaged[Cdecl]<nint, nint, byte, DataStatus> ResponseBody;
    internal readonly delegate* unmanaged[Cdecl]<nint, nint, TrailersStatus> ResponseTrailers;
    internal readonly delegate* unmanaged[Cdecl]<nint, nint, void> StreamComplete;
    internal readonly delegate* unmanaged[Cdecl]<nint, nint, ulong, void> Scheduled;
    internal readonly delegate* unmanaged[Cdecl]<nint, nint, ulong, void> ConfigScheduled;
    internal readonly delegate* unmanaged[Cdecl]<nint, nint, void> ClientBlocked;
    internal readonly delegate* unmanaged[Cdecl]<nint, nint, void> ClientWritten;
    internal readonly delegate* unmanaged[Cdecl]<nint, nint, uint, EnvoyBuffer, byte, LocalReplyStatus> LocalReply;

    /// <summary>What the module is told of requests of its own.</summary>
    internal CalloutHooks Callouts { get; }

    internal ModuleHooks(nint library)
    {
        ProgramInit = (delegate* unmanaged[Cdecl]<byte*>)DynamicLinker.Find(library, HookNames.ProgramInit);
        ConfigNew = (delegate* unmanaged[Cdecl]<nint, EnvoyBuffer, EnvoyBuffer, nint>)DynamicLinker.Find(library, HookNames.ConfigNew);
        ConfigDestroy = (delegate* unmanaged[Cdecl]<nint, void>)DynamicLinker.Find(library, HookNames.ConfigDestroy);
        RouteConfigNew = (delegate* unmanaged[Cdecl]<EnvoyBuffer, EnvoyBuffer, nint>)DynamicLinker.Find(library, HookNames.RouteConfigNew);
        RouteConfigDestroy = (delegate* unmanaged[Cdecl]<nint, void>)DynamicLinker.Find(library, HookNames.RouteConfigDestroy);
        FilterNew = (delegate* unmanaged[Cdecl]<nint, nint, nint>)DynamicLinker.Find(library, HookNames.FilterNew);
        FilterDestroy = (delegate* unmanaged[Cdecl]<nint, void>)DynamicLinker.Find(library, HookNames.FilterDestroy);
        RequestHeaders = (delegate* unmanaged[Cdecl]<nint, nint, byte, HeadersStatus>)DynamicLinker.Find(library, HookNames.RequestHeaders);
        RequestBody = (delegate* unmanaged[Cdecl]<nint, nint, byte, DataStatus>)DynamicLinker.Find(library, HookNames.RequestBody);
        RequestTrailers = (delegate* unmanaged[Cdecl]<nint, nint, TrailersStatus>)DynamicLinker.Find(library, HookNames.RequestTrailers);
        ResponseHeaders = (delegate* unmanaged[Cdecl]<nint, nint, byte, HeadersStatus>)DynamicLinker.Find(library, HookNames.ResponseHeaders);
        ResponseBody = (delegate* unmanaged[Cdecl]<nint, nint, byte, DataStatus>)DynamicLinker.Find(library, HookNames.ResponseBody);
        ResponseTrailers = (delegate* unmanaged[Cdecl]<nint, nint, TrailersStatus>)DynamicLinker.Find(library, HookNames.ResponseTrailers);
        StreamComplete = (delegate* unmanaged[Cdecl]<nint, nint, void>)DynamicLinker.Find(library, HookNames.StreamComplete);
        Scheduled = (delegate* unmanaged[Cdecl]<nint, nint, ulong, void>)DynamicLinker.Find(library, HookNames.Scheduled);
        ConfigScheduled = (delegate* unmanaged[Cdecl]<nint, nint, ulong, void>)DynamicLinker.Find(library, HookNames.ConfigScheduled);
        Callouts = new CalloutHooks(library);
        ClientBlocked = (delegate* unmanaged[Cdecl]<nint, nint, void>)DynamicLinker.Find(library, HookNames.DownstreamAboveHighWatermark);
        ClientWritten = (delegate* unmanaged[Cdecl]<nint, nint, void>)DynamicLinker.Find(library, HookNames.DownstreamBelowLowWatermark);
        LocalReply = (delegate* unmanaged[Cdecl]<nint, nint, uint, EnvoyBuffer, byte, LocalReplyStatus>)DynamicLinker.Find(library, HookNames.LocalReply);
    }

    /// <summary>The first hook that must be there and is not; null when all are.</summary>
    internal string? Missing =>
        ProgramInit is null ? HookNames.ProgramInit
        : ConfigNew is null ? HookNames.ConfigNew
        : FilterNew is null ? HookNames.FilterNew
        : null;
}
