using System.Text;
using CsCheck;
using Outrider.Http.Messages;
using Outrider.Proxy.Routing;
using Outrider.Tests.Harness;
using static Outrider.Tests.Routing.RouterFixture;

namespace Outrider.Tests.Routing;

/// <summary>The index of a virtual host finds what asking one route after the other finds: the first that matches.</summary>
public sealed class RouteIndexTests
{
    // Few pieces, so that routes are prefixes of each other, and requests hit them.
    private static readonly string[] s_pieces = ["/", "a", "A", "b", "ab", "/a", "/b", "/ab/", "c"];
    private static readonly string[] s_values = ["1", "2", "x", "X", ""];
    private static readonly string[] s_names = ["service", "Service", "x-b", "host"];

    private static readonly Gen<string> s_path = Pick(s_pieces).Array[0, 5].Select(pieces => "/" + string.Concat(pieces));

    private static readonly Gen<string> s_match = Gen.Select(Gen.Int[0, 4], s_path, Gen.Select(Pick(s_names), Pick(s_values), Gen.Int[0, 5]).Array[0, 2], (kind, path, headers) =>
    {
        string wanted = string.Join(',', headers.Select(header => $$"""{"name":"{{header.Item1}}","value":"{{(header.Item3 == 0 ? "[12]" : header.Item2)}}","regex":{{(header.Item3 == 0 ? "true" : "false")}}}"""));
        string first = kind switch { 0 => $"\"path\":\"{path}\",", 1 => $"\"regex\":\"^{path}\",", 2 when headers.Length > 0 => "", _ => $"\"prefix\":\"{path}\"," };
        return $$"""{ {{first}}"headers":[{{wanted}}]}""";
    });

    private static readonly Gen<(string Path, (string, string)[] Fields)> s_request = Gen.Select(s_path, Gen.Select(Pick(["service", "x-b", "y"]), Pick(s_values)).Array[0, 3]);

    private static Gen<string> Pick(string[] from) => Gen.Int[0, from.Length - 1].Select(i => from[i]);

    [Fact]
    public void It_finds_what_asking_each_route_finds()
        => Gen.Select(s_match.Array[1, 60], s_request.Array[20]).Sample(
            (matches, requests) =>
            {
                var table = Routes(string.Join(',', matches.Select((match, i) => $$"""{"match":{{match}},"name":"r{{i}}","route":{"cluster_name":"a"} }""")));
                foreach (var (path, fields) in requests)
                {
                    var request = Request(path, "1", "GET", fields);
                    var host = table.Find(request.Authority)!;
                    var expected = NormalPath.Is(Encoding.UTF8.GetBytes(path)) ? host.MatchEach(request, Encoding.UTF8.GetBytes(path), null, null) : host.Match(request);
                    Assert.Equal(expected?.Number, host.Match(request)?.Number);
                }
            },
            iter: 300,
            threads: 1);

    [Fact]
    public void Prefixes_of_prefixes_keep_their_order_however_many_there_are()
    {
        // More on one path than there is room for: each is asked then.
        string[] prefixes = [.. Enumerable.Range(1, 100).Select(length => "/" + new string('a', length))];
        var table = Routes(string.Join(',', prefixes.Select(prefix => $$"""{"match":{"prefix":"{{prefix}}"},"route":{"cluster_name":"a"} }""")));
        var reversed = Routes(string.Join(',', prefixes.Reverse().Select(prefix => $$"""{"match":{"prefix":"{{prefix}}"},"route":{"cluster_name":"a"} }""")));

        Assert.Equal(0, table.Match(Request("/" + new string('a', 70)))?.Number);
        Assert.Equal(30, reversed.Match(Request("/" + new string('a', 70)))?.Number);
        Assert.Null(table.Match(Request("/b")));
    }

    [Theory]
    [InlineData("""{"prefix":"/s%/"}""", "/s%/x", null)]
    [InlineData("""{"path":"/s%/x"}""", "/S%/X", null)]
    [InlineData("""{"prefix":"/","headers":[{"name":"service","value":"v%"}]}""", "/", "v%")]
    [InlineData("""{"headers":[{"name":"service","value":"v%"}]}""", "/", "v%")]
    public void Of_many_routes_the_one_is_found_and_nothing_allocated(string match, string path, string? service)
    {
        var table = Routes(string.Join(',', Enumerable.Range(0, 1000).Select(i => $$"""{"match":{{match.Replace("%", $"{i}", StringComparison.Ordinal)}},"route":{"cluster_name":"a"} }""")));
        RequestHead At(int i) => Request(
            path.Replace("%", $"{i}", StringComparison.Ordinal), "h", "GET", service is null ? [("x", "y")] : [("x", "y"), ("service", service.Replace("%", $"{i}", StringComparison.Ordinal))]);

        Assert.All((int[])[0, 1, 500, 999], i => Assert.Equal(i, table.Match(At(i))?.Number));
        Assert.Null(table.Match(At(1000)));
        var last = At(999);
        Allocation.AssertNone(() => _ = table.Match(last) ?? throw new InvalidOperationException("nothing was found"));
    }
}
