namespace Outrider.Configuration.Model;

/// <summary>Where a filter chain's connections come from (Envoy's <c>ConnectionSourceType</c>).</summary>
internal enum SourceType
{
    /// <summary><c>ANY</c>: anywhere.</summary>
    Any,

    /// <summary><c>SAME_IP_OR_LOOPBACK</c>: this machine, by a loopback address or by the very address that was connected to.</summary>
    SameIpOrLoopback,

    /// <summary><c>EXTERNAL</c>: anywhere else.</summary>
    External,
}
