using Outrider.Tests.Envoy;
using Outrider.Tests.Harness;
using Outrider.Tests.Nginx;

namespace Outrider.Tests.Conformance;

/// <summary>
/// The table of <c>docs/bases.md</c> says what the suite allows, and nothing that makes no difference; and each line is the base's doing:
/// a test named by it shows the base without any filter.
/// </summary>
[Collection(EnvoyCollection.Name)]
public sealed class DifferenceTests(NginxModule nginxModule)
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
        => Assert.All(ForcedDifference.All, difference => Assert.Contains(ConformanceCase.All(), one => difference.Seen(one) != one));

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

    private static IEnumerable<string[]> Lines() => File.ReadAllLines(Path.Combine(EnvoyModules.Root, "docs", "bases.md"))
        .Where(line => line.StartsWith("| ", StringComparison.Ordinal))
        .Select(line => line.Split('|', StringSplitOptions.TrimEntries)[1..^1])
        .Where(cells => cells[1] is "engine" or "Envoy" or "nginx");

    private Task<NginxProcess> WithoutFiltersAsync(RawUpstream upstream) => NginxProcess.StartAsync(
        nginxModule, $"upstream up {{ server {upstream.Address}; }}", "location / { proxy_pass http://up; proxy_http_version 1.1; }");
}
