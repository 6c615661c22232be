using Outrider.Http.Rules;
using Outrider.Http.Streams;
using Outrider.Http.V1.Parsing;

namespace Outrider.Http.V1.Server;

/// <summary>
/// What is wrong with the chunks that came together with the head. Looked at before anybody is told of the request: a head that
/// is forwarded cannot be taken back, and an upstream that sees half of a bad request may make something else of it.
/// </summary>
internal static class ChunkPreview
{
    /// <summary>Reads <paramref name="data"/> for a look, with a decoder that begins anew when the body is read. Null when nothing is wrong with it so far.</summary>
    internal static ProtocolError? FindError(ChunkedDecoder chunks, ServerStream stream, ReadOnlySpan<byte> data, HttpLimits limits)
    {
        chunks.Begin();
        long length = 0;
        while (!data.IsEmpty)
        {
            switch (chunks.Read(ref data, out var chunk))
            {
                case ParseStatus.Error:
                    return chunks.Error;
                case ParseStatus.Done when chunk.IsEmpty:
                    return FindErrorInTrailers(chunks.Trailers, stream, data, limits);
                default:
                    length += chunk.Length;
                    if (limits.MaxRequestBody > 0 && length > limits.MaxRequestBody)
                    {
                        return ProtocolError.BodyTooLarge;
                    }

                    break;
            }
        }

        return null;
    }

    private static ProtocolError? FindErrorInTrailers(TrailerParser parser, ServerStream stream, ReadOnlySpan<byte> data, HttpLimits limits)
    {
        var trailers = stream.RequestTrailers;
        parser.Begin(trailers, limits);
        var error = parser.Parse(ref data) == ParseStatus.Error ? parser.Error : null;
        trailers.Clear();
        return error;
    }
}
