using Outrider.Http.Rules;

namespace Outrider.Tests.Http;

/// <summary>Answers to a GET that no client may ever see a byte of, and what is wrong with each.</summary>
internal static class BadResponses
{
    private static readonly Dictionary<string, (string Text, ProtocolError Error)> s_all = new(StringComparer.Ordinal);

    static BadResponses()
    {
        Line("empty", "", ResponseErrors.StatusLine);
        Line("no version", "200 OK", ResponseErrors.StatusLine);
        Line("version 2.0", "HTTP/2.0 200 OK", ResponseErrors.StatusLine);
        Line("version 1.2", "HTTP/1.2 200 OK", ResponseErrors.StatusLine);
        Line("version in lower case", "http/1.1 200 OK", ResponseErrors.StatusLine);
        Line("another protocol", "ICY 200 OK", ResponseErrors.StatusLine);
        Line("status of two digits", "HTTP/1.1 20 OK", ResponseErrors.StatusLine);
        Line("status of four digits", "HTTP/1.1 2000 OK", ResponseErrors.StatusLine);
        Line("status 099", "HTTP/1.1 099 OK", ResponseErrors.StatusLine);
        Line("status 600", "HTTP/1.1 600 OK", ResponseErrors.StatusLine);
        Line("status with a sign", "HTTP/1.1 +20 OK", ResponseErrors.StatusLine);
        Line("two spaces before the status", "HTTP/1.1  200 OK", ResponseErrors.StatusLine);
        Line("tab before the status", "HTTP/1.1\t200 OK", ResponseErrors.StatusLine);
        Line("tab behind the status", "HTTP/1.1 200\tOK", ResponseErrors.StatusLine);
        Line("space before the version", " HTTP/1.1 200 OK", ResponseErrors.StatusLine);
        Line("reason with NUL", "HTTP/1.1 200 O\0K", ResponseErrors.StatusLine);
        Line("reason with a control character", "HTTP/1.1 200 \u001b[2J", ResponseErrors.StatusLine);
        Line("reason with DEL", "HTTP/1.1 200 \u007f", ResponseErrors.StatusLine);
        Line("reason with a bare CR", "HTTP/1.1 200 O\rK", HeadErrors.BareCr);
        Line("bare CR for a reason", "HTTP/1.1 200 \r", HeadErrors.BareCr);
        Line("101 unasked", "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket", ResponseErrors.UnexpectedUpgrade);
        Add("LF only", "HTTP/1.1 200 OK\nContent-Length: 0\n\n", HeadErrors.LineEnd);
        Add("LF at the end", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\n", HeadErrors.LineEnd);
        Add("a request", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", ResponseErrors.StatusLine);
        Field("space before the colon", "X : y", HeadErrors.FieldName);
        Field("name with NUL", "X\0: y", HeadErrors.FieldName);
        Field("no colon", "X", HeadErrors.FieldName);
        Field("folded line", "X: y\r\n z", HeadErrors.Folding);
        Field("value with NUL", "X: \0", HeadErrors.FieldValue);
        Field("value with a bare CR", "X: a\rSet-Cookie: b", HeadErrors.BareCr);
        Field("value that ends with LF", "X: a\nSet-Cookie: b", HeadErrors.LineEnd);
        Field("Connection names a framing field", "Connection: content-length", FramingErrors.Connection);
        Field("both lengths", "Content-Length: 3\r\nTransfer-Encoding: chunked", FramingErrors.BothLengths);
        Field("both lengths, the other way round", "Transfer-Encoding: chunked\r\nContent-Length: 3", FramingErrors.BothLengths);
        Field("differing lengths", "Content-Length: 3\r\nContent-Length: 4", FramingErrors.ContentLength);
        Field("list of lengths", "Content-Length: 3, 4", FramingErrors.ContentLength);
        Field("negative length", "Content-Length: -1", FramingErrors.ContentLength);
        Field("length that overflows", "Content-Length: 9223372036854775808", FramingErrors.ContentLength);
        Field("gzip, chunked", "Transfer-Encoding: gzip, chunked", FramingErrors.TransferEncoding);
        Field("chunked, chunked", "Transfer-Encoding: chunked, chunked", FramingErrors.TransferEncoding);
        Field("chunked twice", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", FramingErrors.TransferEncoding);
        Field("identity", "Transfer-Encoding: identity", FramingErrors.TransferEncoding);
        Add("Transfer-Encoding in HTTP/1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", FramingErrors.TransferEncoding);
        Line("too many fields", "HTTP/1.1 200 OK" + string.Concat(Enumerable.Repeat("\r\nX: y", 1025)), HeadErrors.TooManyFields);
        Line("reason that never ends", "HTTP/1.1 200 " + new string('a', 9000), ResponseErrors.StatusLine);
        Line("head that never ends", "HTTP/1.1 200 OK" + string.Concat(Enumerable.Repeat("\r\nX: " + new string('a', 1000), 70)), HeadErrors.HeadTooLarge);
        foreach (string body in new[]
        {
            "\r\n", "0x3\r\nabc\r\n", "-1\r\n", "3 3\r\nabc\r\n", "3\nabc\r\n", "3\r\nabcd\r\n", "3\r\nabc\n", "1000000000000000\r\n", "3;a=\"\r\nabc\r\n0\r\n\r\n",
            "0\r\nContent-Length: 3\r\n\r\n", "0\r\nTransfer-Encoding: chunked\r\n\r\n", "0\r\nX : y\r\n\r\n", "0\r\nHTTP/1.1 200 OK\r\n\r\n", "0\r\n\n",
        })
        {
            string name = body.Replace("\r", "\\r", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
            Add("body: " + name, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n" + body, MessageReader.ReadResponse("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body).Error!);
        }
    }

    internal static IEnumerable<string> Names => s_all.Keys;

    internal static (string Text, ProtocolError Error) Get(string name) => s_all[name];

    internal static bool IsBody(string name) => name.StartsWith("body: ", StringComparison.Ordinal);

    private static void Add(string name, string text, ProtocolError error) => s_all.Add(name, (text, error));

    private static void Line(string name, string line, ProtocolError error) => Add(name, $"{line}\r\nContent-Length: 0\r\n\r\n", error);

    private static void Field(string name, string field, ProtocolError error) => Add(name, $"HTTP/1.1 200 OK\r\n{field}\r\n\r\nabc", error);
}
