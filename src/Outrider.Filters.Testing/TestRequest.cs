namespace Outrider.Filters.Testing;

/// <summary>A request: what a test sends through its filters, and what came out of them for the upstream or a cluster. Not for several threads at a time.</summary>
public sealed class TestRequest : TestMessage<TestRequest>
{
    /// <param name="method">The method.</param>
    /// <param name="path">Path and query.</param>
    public TestRequest(string method, string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(method);
        ArgumentException.ThrowIfNullOrEmpty(path);
        Method = method;
        Path = path;
    }

    /// <summary>The method.</summary>
    public string Method { get; }

    /// <summary>Path and query.</summary>
    public string Path { get; }

    /// <summary>What the client asks for as <c>host</c>. Default <c>localhost</c>.</summary>
    public string Authority { get; init; } = "localhost";

    /// <summary><c>http</c> or <c>https</c>. Default <c>http</c>.</summary>
    public string Scheme { get; init; } = "http";

    /// <summary>What the client speaks. Default <c>HTTP/1.1</c>.</summary>
    public string Protocol { get; init; } = "HTTP/1.1";

    /// <summary>The client's address and port. Default <c>127.0.0.1:50000</c>.</summary>
    public string RemoteAddress { get; init; } = "127.0.0.1:50000";

    /// <summary>A GET.</summary>
    public static TestRequest Get(string path) => new("GET", path);

    /// <summary>A POST with this text as its body, in one piece.</summary>
    public static TestRequest Post(string path, string body) => new TestRequest("POST", path).WithBody(body);

    /// <inheritdoc/>
    public override string ToString() => $"{Method} {Path}";
}
