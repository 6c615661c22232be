namespace Outrider.Envoy.Links;

/// <summary>Calls that Envoy makes for each stream and that change nothing for this one.</summary>
[Flags]
internal enum HookSkips : byte
{
    /// <summary>All are made.</summary>
    None = 0,

    /// <summary>Body and trailers of a request whose head has passed.</summary>
    RequestRest = 1,

    /// <summary>Body and trailers of a response whose head has passed.</summary>
    ResponseRest = 2,

    /// <summary>That the exchange is over.</summary>
    Complete = 4,
}
