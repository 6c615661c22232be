using Outrider.Http.Messages;
using Outrider.Http.V2.Hpack;

namespace Outrider.Http.V2.Client;

/// <summary>Writes a request's head as a header block (RFC 9113 §8.3.1): what HTTP/1 has in its first line and Host, then the fields.</summary>
internal static class RequestFields
{
    /// <summary>How long the block is at most.</summary>
    internal static int MaxLength(RequestHead request)
    {
        int size = 16 + HpackEncoder.MaxLength(0, request.Method.Length) + HpackEncoder.MaxLength(0, request.Target.Length) + HpackEncoder.MaxLength(0, request.Authority.Length);
        for (int i = 0; i < request.Fields.Count; i++)
        {
            size += HpackEncoder.MaxLength(request.Fields.NameAt(i).Length, request.Fields.ValueAt(i).Length);
        }

        return size;
    }

    /// <summary>Returns the block's length.</summary>
    internal static int Write(Span<byte> block, RequestHead request, bool isHttps)
    {
        int length = request.Method.SequenceEqual("POST"u8) ? HpackEncoder.WriteIndexed(block, StaticTable.MethodPost)
            : request.Method.SequenceEqual("GET"u8) ? HpackEncoder.WriteIndexed(block, StaticTable.MethodGet)
            : HpackEncoder.Write(block, StaticTable.MethodGet, request.Method);
        length += HpackEncoder.WriteIndexed(block[length..], isHttps ? StaticTable.SchemeHttps : StaticTable.SchemeHttp);
        length += HpackEncoder.Write(block[length..], StaticTable.Path, request.Target);
        length += HpackEncoder.Write(block[length..], StaticTable.Authority, request.Authority);
        for (int i = 0; i < request.Fields.Count; i++)
        {
            length += HpackEncoder.Write(block[length..], request.Fields.NameAt(i), request.Fields.ValueAt(i));
        }

        return length;
    }
}
