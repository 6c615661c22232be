using System.Net;

namespace Outrider.Upstream;

/// <summary>Finds the addresses of a DNS name. Throws, or gives none, when there are none.</summary>
internal delegate Task<IPAddress[]> NameResolver(string name, CancellationToken cancellation);
