using System.Net.Sockets;

namespace Outrider.Tests.Net;

/// <summary>Between Unix domain sockets.</summary>
public sealed class TransportSpliceOverUnixTests() : TransportSpliceTests(new UnixDomainSocketEndPoint(Path.Combine(Path.GetTempPath(), $"splice-{Guid.NewGuid():N}.sock")));
