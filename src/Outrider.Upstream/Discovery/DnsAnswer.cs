using System.Net;

namespace Outrider.Upstream.Discovery;

/// <summary>What a name has been found to stand for.</summary>
/// <param name="Addresses">Its addresses; none where it has none of that kind.</param>
/// <param name="Lifetime">How long that holds.</param>
internal readonly record struct DnsAnswer(IReadOnlyList<IPAddress> Addresses, TimeSpan Lifetime);
