using System.Text;

namespace Outrider.Filters.Testing;

/// <summary>Makes the heads of responses: of a cluster's, and of those that are made here.</summary>
internal static class TestReplyHead
{
    internal static TestResponseHeaders Of(TestResponse response)
    {
        var head = new TestResponseHeaders(response.Status);
        foreach (var (name, value) in response.Headers)
        {
            head.Fields.AddAsItIs(name, value);
        }

        if (!response.IsChunked && response.Trailers.Count == 0 && head.Fields.Length < 0 && ResponseContent.Of(response.Status, isHead: false).IsAllowed)
        {
            head.Fields.Length = response.Pieces.Sum(piece => piece.Length);
        }

        return head;
    }

    internal static TestResponseHeaders Of(StreamedReply reply)
    {
        var head = new TestResponseHeaders(reply.Status);
        foreach (var (name, value) in reply.Headers)
        {
            head.Fields.AddAsItIs(name, value);
        }

        return head;
    }

    internal static (TestResponseHeaders Head, byte[] Body) Of(int status, string? text, LocalReply? reply)
    {
        var head = new TestResponseHeaders(status);
        foreach (var (name, value) in reply?.Headers ?? [])
        {
            head.Fields.AddAsItIs(name, value);
        }

        if (!ResponseContent.Of(status, isHead: false).IsAllowed)
        {
            return (head, []);
        }

        byte[] body = reply is not null ? reply.Body.ToArray() : Encoding.UTF8.GetBytes(text ?? "");
        if (body.Length > 0 && (reply is null || reply.IsText) && !head.Contains("content-type"u8))
        {
            head.Fields.AddAsItIs("content-type", "text/plain; charset=utf-8");
        }

        head.Fields.Length = body.Length;
        return (head, body);
    }
}
