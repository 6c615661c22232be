using Outrider.Modules.Abi;

namespace Outrider.Plugins.Modules.Linking;

/// <summary>The hooks that tell a module of requests of its own: whole ones (<see cref="Done"/>), and streamed ones piece by piece. Null for those that it does not have.</summary>
internal sealed unsafe class CalloutHooks
{
    internal readonly delegate* unmanaged[Cdecl]<nint, nint, ulong, CalloutResult, EnvoyHeader*, nuint, EnvoyBuffer*, nuint, void> Done;
    internal readonly delegate* unmanaged[Cdecl]<nint, nint, ulong, EnvoyHeader*, nuint, byte, void> Headers;
    internal readonly delegate* unmanaged[Cdecl]<nint, nint, ulong, EnvoyBuffer*, nuint, byte, void> Data;
    internal readonly delegate* unmanaged[Cdecl]<nint, nint, ulong, EnvoyHeader*, nuint, void> Trailers;
    internal readonly delegate* unmanaged[Cdecl]<nint, nint, ulong, void> Complete;
    internal readonly delegate* unmanaged[Cdecl]<nint, nint, ulong, CalloutResetReason, void> Reset;

    internal CalloutHooks(nint library)
    {
        Done = (delegate* unmanaged[Cdecl]<nint, nint, ulong, CalloutResult, EnvoyHeader*, nuint, EnvoyBuffer*, nuint, void>)
            DynamicLinker.Find(library, HookNames.CalloutDone);
        Headers = (delegate* unmanaged[Cdecl]<nint, nint, ulong, EnvoyHeader*, nuint, byte, void>)DynamicLinker.Find(library, HookNames.CalloutHeaders);
        Data = (delegate* unmanaged[Cdecl]<nint, nint, ulong, EnvoyBuffer*, nuint, byte, void>)DynamicLinker.Find(library, HookNames.CalloutData);
        Trailers = (delegate* unmanaged[Cdecl]<nint, nint, ulong, EnvoyHeader*, nuint, void>)DynamicLinker.Find(library, HookNames.CalloutTrailers);
        Complete = (delegate* unmanaged[Cdecl]<nint, nint, ulong, void>)DynamicLinker.Find(library, HookNames.CalloutComplete);
        Reset = (delegate* unmanaged[Cdecl]<nint, nint, ulong, CalloutResetReason, void>)DynamicLinker.Find(library, HookNames.CalloutReset);
    }
}
