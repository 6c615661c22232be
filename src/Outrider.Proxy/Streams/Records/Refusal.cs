using Outrider.Http.Rules;

namespace Outrider.Proxy.Streams.Records;

/// <summary>Why the codec refused a request before it became one, and how it told the client.</summary>
/// <param name="Error">What was wrong.</param>
/// <param name="IsCall">By a status of gRPC, beside HTTP's 200?</param>
internal readonly record struct Refusal(ProtocolError Error, bool IsCall)
{
    /// <summary>HTTP's status.</summary>
    internal int Status => IsCall ? 200 : Error.Status;
}
