using Outrider.Http.Rules;

namespace Outrider.Tests.Http;

/// <summary>Requests that no upstream may ever see a byte of, and what is wrong with each.</summary>
internal static class BadRequests
{
    private static readonly Dictionary<string, (string Text, ProtocolError Error)> s_all = new(StringComparer.Ordinal);

    static BadRequests()
    {
        AddLines();
        AddTargets();
        AddHosts();
        AddFields();
        AddFraming();
        AddChunks();
    }

    internal static IEnumerable<string> Names => s_all.Keys;

    internal static (string Text, ProtocolError Error) Get(string name) => s_all[name];

    /// <summary>Is it the body that is bad, so that the head alone would be forwarded?</summary>
    internal static bool IsBody(string name) => name.StartsWith("body: ", StringComparison.Ordinal);

    // Names go into test reports, which are XML.
    private static void Add(string name, string text, ProtocolError error)
        => s_all.Add(string.Concat(name.Select(c => c is >= ' ' and < '\u007f' ? c.ToString() : $"\\x{(int)c:x2}")), (text, error));

    private static void AddLines()
    {
        Line("method is empty", " / HTTP/1.1", HeadErrors.Method);
        Line("method is not a token", "GE(T / HTTP/1.1", HeadErrors.Method);
        Line("method with a colon", "GET: / HTTP/1.1", HeadErrors.Method);
        Line("method with a non-ASCII byte", "G\u00c9T / HTTP/1.1", HeadErrors.Method);
        Line("method with NUL", "G\0T / HTTP/1.1", HeadErrors.Method);
        Line("method after a tab", "\tGET / HTTP/1.1", HeadErrors.Method);
        Line("tabs instead of spaces", "GET\t/\tHTTP/1.1", HeadErrors.RequestLine);
        Line("tab before the version", "GET /\tHTTP/1.1", HeadErrors.RequestLine);
        Line("two spaces before the target", "GET  / HTTP/1.1", HeadErrors.Target);
        Line("two spaces after the target", "GET /  HTTP/1.1", HeadErrors.Target);
        Line("space at the end", "GET / HTTP/1.1 ", HeadErrors.RequestLine);
        Line("space in the target", "GET /a b HTTP/1.1", HeadErrors.Target);
        Line("no target", "GET HTTP/1.1", HeadErrors.RequestLine);
        Line("empty target", "GET  HTTP/1.1", HeadErrors.Target);
        Line("HTTP/0.9 has no version", "GET /", HeadErrors.RequestLine);
        Line("version 0.9", "GET / HTTP/0.9", HeadErrors.Version);
        Line("version 1.2", "GET / HTTP/1.2", HeadErrors.Version);
        Line("version 2.0", "GET / HTTP/2.0", HeadErrors.Version);
        Line("version of two digits", "GET / HTTP/1.10", HeadErrors.RequestLine);
        Line("version 01.1", "GET / HTTP/01.1", HeadErrors.RequestLine);
        Line("version without a minor", "GET / HTTP/1", HeadErrors.RequestLine);
        Line("version in lower case", "GET / http/1.1", HeadErrors.RequestLine);
        Line("another protocol", "GET / ICY/1.1", HeadErrors.RequestLine);
        Line("garbage", "\u0016\u0003\u0001\u0002", HeadErrors.Method);
        Line("HTTP/2 preface", "PRI * HTTP/2.0", HeadErrors.Version);
        Line("bare CR in the request line", "GET / HTTP/1.1\rX: y", HeadErrors.BareCr);
        Line("bare CR in the target", "GET /\rX HTTP/1.1", HeadErrors.BareCr);
        Line("CR CR LF after the request line", "GET / HTTP/1.1\r", HeadErrors.BareCr);
        Add("two empty lines before the request", "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", HeadErrors.RequestLine);
        Add("LF before the request", "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", HeadErrors.LineEnd);
        Add("bare CR before the request", "\rGET / HTTP/1.1\r\nHost: a\r\n\r\n", HeadErrors.BareCr);
        Add("LF after the request line", "GET / HTTP/1.1\nHost: a\r\n\r\n", HeadErrors.LineEnd);
        Add("LF only", "GET / HTTP/1.1\nHost: a\n\n", HeadErrors.LineEnd);
        Add("LF after a field", "GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n", HeadErrors.LineEnd);
        Add("LF at the end of the head", "GET / HTTP/1.1\r\nHost: a\r\n\n", HeadErrors.LineEnd);
        Add("CR CR LF at the end of the head", "GET / HTTP/1.1\r\nHost: a\r\n\r\r\n", HeadErrors.BareCr);
        Add("CR CR as the end of the head", "GET / HTTP/1.1\r\nHost: a\r\r", HeadErrors.BareCr);
    }

    private static void AddTargets()
    {
        Target("no slash", "a");
        Target("fragment", "/a#b");
        Target("fragment alone", "#");
        Target("NUL", "/a\0b");
        Target("DEL", "/a\u007fb");
        Target("tab", "/a\tb");
        Target("blank", "/a b");
        Target("control in the query", "/a?\u0001");
        Target("fragment behind a query", "/a?b#c");
        Target("fragment behind brackets", "/[a]#b");
        Target("asterisk for GET", "*");
        Target("asterisk and more", "*/");
        Target("authority-form for GET", "a.test:80");
        Target("another scheme", "ftp://a.test/");
        Target("scheme alone", "http://");
        Target("absolute-form without an authority", "http:///a");
        Target("absolute-form with user information", "http://u@a.test/");
        Target("absolute-form with a fragment", "http://a.test/#x");
        Target("absolute-form with a bad port", "http://a.test:99999/");
        Line("target of CONNECT is a path", "CONNECT / HTTP/1.1", HeadErrors.Target);
        Line("target of CONNECT is an authority", "CONNECT a.test:443 HTTP/1.1", HeadErrors.Connect);
        Line("target of CONNECT is absolute", "CONNECT http://a.test/ HTTP/1.1", HeadErrors.Target);
        Add("absolute-form without a Host", "GET http://a.test/ HTTP/1.1\r\n\r\n", HeadErrors.HostMissing);
    }

    private static void AddHosts()
    {
        Add("Host is missing", "GET / HTTP/1.1\r\nX: y\r\n\r\n", HeadErrors.HostMissing);
        Add("Host is missing and nothing else is there", "GET / HTTP/1.1\r\n\r\n", HeadErrors.HostMissing);
        Add("Host is doubled", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", HeadErrors.HostRepeated);
        Add("Host is doubled with the same value", "GET / HTTP/1.1\r\nHost: a\r\nhOST: a\r\n\r\n", HeadErrors.HostRepeated);
        Add("Host is doubled in HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", HeadErrors.HostRepeated);
        foreach (string host in new[]
        {
            "", "u@a.test", "a.test/x", "a.test?x", "a.test#x", "a.test:x", "a.test:-1", "a.test:65536", "a.test:80:80", ":80", "a b", "a.test, b.test",
            "[::1", "::1", "[]", "[:]", "[::g]", "[::1]x", "[::1]:x", "[v1.a]", "[127.0.0.1]", "[::1%25eth0]", "a%4", "caf\u00e9", "a\"b", "a\\b", "http://a.test",
        })
        {
            Add($"Host is '{host}'", $"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n", HeadErrors.HostInvalid);
        }
    }

    private static void AddFields()
    {
        Field("space before the colon", "X : y", HeadErrors.FieldName);
        Field("tab before the colon", "X\t: y", HeadErrors.FieldName);
        Field("space before the colon of a framing field", "Content-Length : 3", HeadErrors.FieldName);
        Field("no colon", "X", HeadErrors.FieldName);
        Field("empty name", ": y", HeadErrors.FieldName);
        Field("name with a space", "X Y: z", HeadErrors.FieldName);
        Field("name with NUL", "X\0: y", HeadErrors.FieldName);
        Field("name with a control character", "X\u0001Y: z", HeadErrors.FieldName);
        Field("name with a non-ASCII byte", "X\u00e9: y", HeadErrors.FieldName);
        Field("name with a slash", "X/Y: z", HeadErrors.FieldName);
        Field("name in brackets", "[X]: y", HeadErrors.FieldName);
        Field("folded line", "X: y\r\n z", HeadErrors.Folding);
        Field("line folded with a tab", "X: y\r\n\tz", HeadErrors.Folding);
        Field("folded line of white space only", "X: y\r\n ", HeadErrors.Folding);
        Field("framing field folded", "Transfer-Encoding:\r\n chunked", FramingErrors.TransferEncoding);
        Add("white space before the first field", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", HeadErrors.Folding);
        Field("value with NUL", "X: a\0b", HeadErrors.FieldValue);
        Field("value with a control character", "X: a\u0001b", HeadErrors.FieldValue);
        Field("value with a vertical tab", "X: \u000b", HeadErrors.FieldValue);
        Field("value with ESC", "X: \u001b[2J", HeadErrors.FieldValue);
        Field("value with DEL", "X: a\u007f", HeadErrors.FieldValue);
        Field("value with a bare CR", "X: a\rY: b", HeadErrors.BareCr);
        Field("value that ends with a bare CR", "X: a\r", HeadErrors.BareCr);
        Field("name with a bare CR", "\rX: a", HeadErrors.BareCr);
        Field("Connection names Host", "Connection: close, Host", FramingErrors.Connection);
        Field("Connection names Content-Length", "Connection: content-length", FramingErrors.Connection);
        Field("Connection names Transfer-Encoding", "Connection: keep-alive,Transfer-Encoding", FramingErrors.Connection);
        Field("Connection is not a list of tokens", "Connection: a b", FramingErrors.ConnectionSyntax);
        Field("Connection names more than anybody needs", "Connection: " + string.Join(',', Enumerable.Range(0, 33)), FramingErrors.ConnectionTooLong);
        Field("Expect that nobody knows", "Expect: 200-ok", FramingErrors.Expectation);
        Field("Expect list", "Expect: 100-continue, x", FramingErrors.Expectation);
        Field("Expect is empty", "Expect:", FramingErrors.Expectation);
    }

    private static void AddFraming()
    {
        Field("both lengths", "Content-Length: 3\r\nTransfer-Encoding: chunked", FramingErrors.BothLengths);
        Field("both lengths, the other way round", "Transfer-Encoding: chunked\r\nContent-Length: 3", FramingErrors.BothLengths);
        Field("both lengths, one of them 0", "Transfer-Encoding: chunked\r\nContent-Length: 0", FramingErrors.BothLengths);
        Field("both lengths with other fields between", "Content-Length: 3\r\nX: y\r\nTransfer-Encoding: chunked", FramingErrors.BothLengths);
        Field("differing lengths", "Content-Length: 3\r\nContent-Length: 4", FramingErrors.ContentLength);
        Field("the same length twice", "Content-Length: 3\r\nContent-Length: 3", FramingErrors.ContentLength);
        foreach (string length in new[]
        {
            "", "+3", "-3", "3, 3", "3,4", "3 4", "0x3", "3.0", "3;", "\"3\"", "a", "9223372036854775808", "99999999999999999999", "18446744073709551619", "\u0663", "1_0", "3\u00a0",
        })
        {
            Field($"Content-Length is '{length}'", "Content-Length: " + length, FramingErrors.ContentLength);
        }

        foreach (string coding in new[]
        {
            "", "identity", "gzip", "gzip, chunked", "chunked, gzip", "chunked, chunked", "chunked, identity", "xchunked", "chunkedx", "chunked;q=1", "\"chunked\"", ",chunked", "chunked,",
            "chunked x", "chun ked", "chunke\u00c4",
        })
        {
            Field($"Transfer-Encoding is '{coding}'", "Transfer-Encoding: " + coding, FramingErrors.TransferEncoding);
        }

        Field("Transfer-Encoding with a vertical tab", "Transfer-Encoding: \u000bchunked", HeadErrors.FieldValue);
        Field("Transfer-Encoding twice", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", FramingErrors.TransferEncoding);
        Field("Transfer-Encoding twice, not chunked first", "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked", FramingErrors.TransferEncoding);
        Field("Transfer-Encoding twice, not chunked last", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", FramingErrors.TransferEncoding);
        Add("Transfer-Encoding in HTTP/1.0", "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", FramingErrors.TransferEncoding);
    }

    private static void AddChunks()
    {
        foreach (string size in new[] { "", "0x3", "-3", "+3", " 3", "3 ", "3\t", "g", "3g", "3.0", "1000000000000000", "ffffffffffffffffff", "0000000000000003", "\u00b3", "3 ;a=b", "\"3\"" })
        {
            Chunk($"size '{size}'", size + "\r\nabc\r\n0\r\n\r\n", FramingErrors.ChunkSize);
        }

        Chunk("size ends with LF", "3\nabc\r\n0\r\n\r\n", FramingErrors.ChunkSize);
        Chunk("size ends with CR", "3\rabc\r\n0\r\n\r\n", FramingErrors.ChunkSize);
        Chunk("size ends with CR CR LF", "3\r\r\nabc\r\n0\r\n\r\n", FramingErrors.ChunkSize);
        Chunk("data is longer than its size", "3\r\nabcd\r\n0\r\n\r\n", FramingErrors.ChunkEnd);
        Chunk("data is shorter than its size", "4\r\nabc\r\n0\r\n\r\n", FramingErrors.ChunkEnd);
        Chunk("data ends with LF", "3\r\nabc\n0\r\n\r\n", FramingErrors.ChunkEnd);
        Chunk("data ends with CR", "3\r\nabc\r0\r\n\r\n", FramingErrors.ChunkEnd);
        Chunk("data ends with nothing", "3\r\nabc0\r\n\r\n", FramingErrors.ChunkEnd);
        Chunk("second chunk is bad", "3\r\nabc\r\nx\r\n\r\n", FramingErrors.ChunkSize);
        foreach (string extension in new[]
        {
            ";", ";;a", ";=b", ";a=", ";a b", ";a=b c", ";a=b=c", ";a=\"b", ";a=\"b\"c", ";a=\"b\\\"", ";a\"b\"", ";a=\"\u0001\"", ";a\0", ";\u00e9", ";a ", ";a=b ", ";a,b", ";a\n", ";a=\"\n\"", ";a=\"\r\n\"",
            ";" + new string('a', 1024),
        })
        {
            Chunk($"extension '{extension[..Math.Min(extension.Length, 12)]}'", "3" + extension + "\r\nabc\r\n0\r\n\r\n", FramingErrors.ChunkExtension);
        }

        Chunk("extension ends with CR alone", "3;a\rabc\r\n0\r\n\r\n", FramingErrors.ChunkSize);
        foreach (string name in new[]
        {
            "Content-Length", "Transfer-Encoding", "Host", "Connection", "Keep-Alive", "TE", "Trailer", "Upgrade", "Expect", "Proxy-Connection", "X-Forwarded-For", "X-Forwarded-Proto",
        })
        {
            Chunk($"trailer {name}", $"0\r\n{name}: 3\r\n\r\n", FramingErrors.TrailerField);
        }

        Chunk("trailer with a space before the colon", "0\r\nX : y\r\n\r\n", HeadErrors.FieldName);
        Chunk("trailer that is folded", "0\r\nX: y\r\n z\r\n\r\n", HeadErrors.Folding);
        Chunk("trailer with NUL", "0\r\nX: \0\r\n\r\n", HeadErrors.FieldValue);
        Chunk("trailer with a bare CR", "0\r\nX: \ry\r\n\r\n", HeadErrors.BareCr);
        Chunk("trailer that ends with LF", "0\r\nX: y\n\r\n", HeadErrors.LineEnd);
        Chunk("end is LF", "0\r\n\n", HeadErrors.LineEnd);
        Chunk("end is another request", "0\r\nGET / HTTP/1.1\r\n\r\n", HeadErrors.FieldName);
        Chunk("too many trailers", "0\r\n" + string.Concat(Enumerable.Repeat("X: y\r\n", 129)) + "\r\n", HeadErrors.TooManyFields);
    }

    private static void Line(string name, string line, ProtocolError error) => Add(name, $"{line}\r\nHost: a.test\r\n\r\n", error);

    private static void Target(string name, string target) => Add("target: " + name, $"GET {target} HTTP/1.1\r\nHost: a.test\r\n\r\n", HeadErrors.Target);

    private static void Field(string name, string field, ProtocolError error) => Add(name, $"POST / HTTP/1.1\r\nHost: a.test\r\n{field}\r\n\r\nabc", error);

    private static void Chunk(string name, string body, ProtocolError error)
        => Add("body: " + name, "POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n" + body, error);
}
