namespace Outrider.Tests.Http;

/// <summary>Requests that are as they should be, some of them barely: each whole, with its body.</summary>
internal static class GoodRequests
{
    internal static readonly string[] All =
    [
        "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n",
        "\r\nGET / HTTP/1.1\r\nHost: a.test\r\n\r\n",
        "GET /a/b?c=d&e=%2F HTTP/1.1\r\nHost: a.test:8080\r\nAccept: */*\r\nX-Empty:\r\n\r\n",
        "GET / HTTP/1.0\r\n\r\n",
        "GET / HTTP/1.0\r\nHost: a.test\r\nConnection: keep-alive\r\n\r\n",
        "HEAD / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: a.test\r\n\r\n",
        "OPTIONS http://a.test HTTP/1.1\r\nHost: a.test\r\n\r\n",
        "GET http://a.test/b?c HTTP/1.1\r\nHost: A.TEST\r\n\r\n",
        "GET http://a.test?c HTTP/1.1\r\nHost: a.test\r\n\r\n",
        "PURGE /x HTTP/1.1\r\nHost: a.test:\r\n\r\n",
        "GET / HTTP/1.1\r\nHost:a.test \r\nX: \ta\tb\u00e9 \t \r\n!#$%&'*+-.^_`|~: ok\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 5\r\n\r\nhello",
        "POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 005\r\nExpect: 100-Continue\r\n\r\nhello",
        "POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: Chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n005;a;b=c; d = \"e\\\"\u00e9,;\"\t;f\r\nhello\r\nA\r\n\r\n\r\n\r\n0\r\n\r\r\n000;x=\"\"\r\nX-Sum: 1\r\nX-More: 2 \r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\nTrailer: x-sum\r\n\r\n0\r\nAuthorization: x\r\nX-Sum: 1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close, X-A , , x-b\r\nX-A: 1\r\nX-B: 2\r\nX-C: 3\r\nKeep-Alive: 5\r\nTE: trailers\r\nProxy-Connection: close\r\n\r\n",
        "GET /chat HTTP/1.1\r\nHost: a.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n",
        "GET /chat HTTP/1.1\r\nHost: a.test\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAA\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a.test\r\n\r\nGET /next HTTP/1.1\r\nHost: a.test\r\n\r\n",
    ];
}
