using Outrider.Configuration.Model;

namespace Outrider.Proxy.Routing;

/// <summary>A router in force.</summary>
/// <param name="Configuration">What the configuration says, where it stands now.</param>
/// <param name="Table">What it was compiled to; the same object as long as the same is said.</param>
internal sealed record CompiledRouter(RouterConfiguration Configuration, RouterTable Table);
