using System.Net;

namespace Outrider.Configuration.Model;

/// <summary>Where debugging listens (<c>pprof</c> with <c>debug</c>).</summary>
/// <param name="EndPoint">The address and port.</param>
internal sealed record PprofConfiguration(IPEndPoint EndPoint)
{
    /// <summary>Do dumps and profiles answer clients of other machines too? Default false.</summary>
    public bool AllowRemote { get; init; }
}
