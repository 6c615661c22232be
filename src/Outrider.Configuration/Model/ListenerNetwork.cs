namespace Outrider.Configuration.Model;

/// <summary>What a listener listens on.</summary>
internal enum ListenerNetwork
{
    /// <summary>A TCP address.</summary>
    Tcp,

    /// <summary>A Unix domain socket.</summary>
    Unix,
}
