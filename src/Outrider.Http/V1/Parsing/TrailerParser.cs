namespace Outrider.Http.V1;

/// <summary>Reads the trailers behind the last chunk (RFC 9112 §7.1.2): parsed and checked like a head's fields, never passed on as they came.</summary>
internal sealed class TrailerParser : HeadParser
{
    internal void Begin(HeaderBlock block, HttpLimits limits)
    {
        block.Clear();
        Begin(block, limits, hasStartLine: false);
    }

    private protected override bool ParseStartLine(int start, int length) => true;

    private protected override bool OnField(int index, KnownHeader known)
        => !KnownHeaders.IsForbiddenInTrailers(known) || Reject(ProtocolError.TrailerField);

    private protected override bool Finish() => true;
}
