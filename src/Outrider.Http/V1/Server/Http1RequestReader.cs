using Outrider.Http.Messages;
using Outrider.Http.Rules;
using Outrider.Http.V1.Parsing;

namespace Outrider.Http.V1.Server;

/// <summary>Where a server connection is in its request: what lives as long as a stream, kept with the stream so that a connection at rest does not carry it.</summary>
internal sealed class Http1RequestReader
{
    internal readonly RequestHeadParser Head = new();
    internal BodyReader Body;
    internal RequestPhase Phase;
    internal Pace Pace;
    internal long HeadBegunAt;

    internal long ResponseLeft;
    internal long ResponseBytes;
    internal long ResponseBytesAtShutdown;

    internal void Begin(RequestHead head, HttpLimits limits)
    {
        Head.Begin(head, limits);
        Phase = RequestPhase.Head;
        ResponseBytes = 0;
        ResponseLeft = -1;
        ResponseBytesAtShutdown = -1;
    }
}
