using Outrider.Tests.Envoy;
using Outrider.Tests.Harness;
using Outrider.Tests.Nginx;

namespace Outrider.Tests.Conformance;

/// <summary>
/// The table of <c>docs/bases.md</c> says what the suite allows, and nothing that makes no difference; and each line is the base's doing:
/// a test named by it shows the base without any filter.
/// </summary>
[Collection(EnvoyCollection.Name)]
public sealed class DifferenceTests(EnvoyModules modules, NginxModule nginxModule)
{
    private const string Chunks = "transfer-encoding: chunked\r\n\r\n4\r\nabcd\r\n0\r\nx-t: 1\r\n\r\n";

    [Fact]
    public void Each_difference_is_a_line_of_the_table_and_each_line_a_difference()
    {
        var lines = Lines().Select(cells => $"{cells[0]}: {cells[1]}");
        var allowed = ForcedDifference.All.Select(difference => $"{difference.Line}: {difference.Base}");

        Assert.Equal(allowed.Order(StringComparer.Ordinal), lines.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Each_difference_changes_what_is_expected()
        => Assert.All(ForcedDifference.All, difference => Assert.True(ConformanceCase.All().Any(one => difference.Seen(one) != one) || PairCase.All().Any(one => difference.SeenOfTwo(one) != one)));

    [Fact]
    public void Each_line_names_a_test_of_its_own()
        => Assert.All(Lines(), cells => Assert.NotNull(typeof(DifferenceTests).GetMethod(cells[^1].Trim('`'))));

    [NginxFact]
    public async Task Nginx_reads_past_the_trailers_of_a_request()
    {
        string asked = "";
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            asked = await connection.ReadRequestAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
        });
        using var nginx = await WithoutFiltersAsync(upstream);

        string answer = await RawClient.ExchangeAsync(nginx.Port, "POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ntrailer: x-t\r\n" + Chunks);

        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
        Assert.Contains("abcd", asked, StringComparison.Ordinal);
        Assert.DoesNotContain("x-t: 1", asked, StringComparison.Ordinal);
    }

    [NginxFact]
    public async Task Nginx_reads_past_the_trailers_of_an_HTTP_1_upstream()
    {
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            _ = await connection.ReadRequestAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\ntrailer: x-t\r\n" + Chunks);
        });
        using var nginx = await WithoutFiltersAsync(upstream);

        string answer = await RawClient.ExchangeAsync(nginx.Port, "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\nte: trailers\r\n\r\n");

        Assert.Contains("abcd", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("x-t: 1", answer, StringComparison.Ordinal);
    }

    [EnvoyFact]
    public async Task Envoy_shows_responses_to_its_filters_in_reverse_order()
    {
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
        using var envoy = await EnvoyProcess.StartAsync(modules, upstream.Port, [Marking("a"), Marking("b")]);

        string answer = await RawClient.ExchangeAsync(envoy.Port, "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");

        Assert.Equal(["b", "a"], Marks(answer));
    }

    [EnvoyFact]
    public async Task Envoy_shows_a_filters_own_answer_to_the_others()
    {
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
        const string Fault = """{ name: f, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault, abort: { http_status: 418, percentage: { numerator: 100 } } } }""";
        using var envoy = await EnvoyProcess.StartAsync(modules, upstream.Port, [Marking("a"), Fault, Marking("b")]);

        string answer = await RawClient.ExchangeAsync(envoy.Port, "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 418", answer, StringComparison.Ordinal);
        Assert.Contains("a", Marks(answer));
    }

    // Our module's chain in nginx, which is Envoy's: nginx itself has one handler for a phase, and no filters of which a configuration says the order.
    [NginxFact]
    public async Task Nginx_shows_responses_in_reverse_order()
    {
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
        using var nginx = await WithPairAsync(upstream);

        string answer = await RawClient.ExchangeAsync(nginx.Port, "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\nx-case: order\r\nx-pair: a.eh:mark, b.eh:mark\r\n\r\n");

        Assert.Equal("b.eh a.eh", WireReader.Field(answer, "x-mark"));
    }

    [NginxFact]
    public async Task Nginx_shows_an_answer_to_those_that_the_request_had_reached()
    {
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
        using var nginx = await WithPairAsync(upstream);

        string first = await RawClient.ExchangeAsync(nginx.Port, "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\nx-case: first\r\nx-pair: a.dh:reply, b.eh:mark\r\n\r\n");
        string second = await RawClient.ExchangeAsync(nginx.Port, "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\nx-case: second\r\nx-pair: b.dh:reply, a.eh:mark\r\n\r\n");

        Assert.Null(WireReader.Field(first, "x-mark"));
        Assert.Equal("a.eh403", WireReader.Field(second, "x-mark"));
    }

    private static string Marking(string name) => $$"""{ name: {{name}}, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.header_mutation.v3.HeaderMutation, mutations: { response_mutations: [ { append: { header: { key: x-seen, value: {{name}} }, append_action: APPEND_IF_EXISTS_OR_ADD } } ] } } }""";

    private static string[] Marks(string answer)
        => [.. answer.Split("\r\n").Where(line => line.StartsWith("x-seen: ", StringComparison.Ordinal)).SelectMany(line => line[8..].Split(','))];

    private async Task<NginxProcess> WithPairAsync(RawUpstream upstream)
    {
        string module = nginxModule.Place(Path.Combine(modules.Folder, $"lib{await modules.PublishAsync("tests/modules/conformance-filters")}.so"));
        return await NginxProcess.StartAsync(
            nginxModule,
            $"outrider_module t {module}; upstream up {{ server {upstream.Address}; }}",
            "outrider_filter t paired '{\"place\":\"a\"}'; outrider_filter t paired '{\"place\":\"b\"}'; location / { proxy_pass http://up; }");
    }

    private static IEnumerable<string[]> Lines() => File.ReadAllLines(Path.Combine(EnvoyModules.Root, "docs", "bases.md"))
        .Where(line => line.StartsWith("| ", StringComparison.Ordinal))
        .Select(line => line.Split('|', StringSplitOptions.TrimEntries)[1..^1])
        .Where(cells => cells[1] is "engine" or "Envoy" or "nginx");

    private Task<NginxProcess> WithoutFiltersAsync(RawUpstream upstream) => NginxProcess.StartAsync(
        nginxModule, $"upstream up {{ server {upstream.Address}; }}", "location / { proxy_pass http://up; proxy_http_version 1.1; }");
}
