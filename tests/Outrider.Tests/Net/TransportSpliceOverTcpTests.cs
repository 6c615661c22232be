using System.Net;

namespace Outrider.Tests.Net;

/// <summary>Between connections of TCP.</summary>
public sealed class TransportSpliceOverTcpTests() : TransportSpliceTests(new IPEndPoint(IPAddress.Loopback, 0));
