namespace Outrider.Modules.Abi;

/// <summary>Which body: the piece that the running hook received (only there during a body hook), or what has been buffered so far.</summary>
internal enum BodyKind
{
    ReceivedRequest,
    BufferedRequest,
    ReceivedResponse,
    BufferedResponse,
}
