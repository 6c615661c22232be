using Outrider.Tests.Harness;

namespace Outrider.Tests.Tcp;

/// <summary>Limits of a cluster's connections, reached by sessions of <c>tcp_proxy</c>.</summary>
public sealed class TcpLimitTests
{
    private const string Format = "%response_flags% %response_code_details%";

    private static RawUpstream Echo() => new(async (connection, _) =>
    {
        while (await connection.ReadAsync() is { Length: > 0 } text)
        {
            await connection.SendAsync(text);
        }
    });

    [Theory]
    [InlineData(""","circuit_breakers":[{"max_connections":2}]""", "there are too many connections (max_connections of circuit_breakers)")]
    [InlineData(""","max_connections":2""", "there are too many connections to the host (max_connections)")]
    public async Task The_connection_over_the_limit_closes_and_is_counted_and_flagged_and_an_end_makes_room(string limit, string reason)
    {
        await using var lab = new TcpLab();
        using var upstream = Echo();
        int port = await lab.StartAsync($$""" "filter_chains":[{{TcpLab.Chain("""{"cluster":"up"}""")}}] """, TcpLab.Cluster("up", upstream.Address, limit), format: Format);
        using var first = await TalkAsync(port);
        using var second = await TalkAsync(port);
        for (int i = 0; i < 3; i++)
        {
            using var third = await RawClient.ConnectAsync(port);
            Assert.Equal("", await third.ReadToEndAsync());
        }

        await Eventually.HoldsAsync(() => (lab.Stats.TcpSessionsFailed, lab.Stats.TcpSessionsActive) == (3, 2));
        Assert.Equal(2, upstream.Connections);
        first.Shutdown();
        Assert.Equal("", await first.ReadToEndAsync());
        await Eventually.HoldsAsync(() => lab.Stats.TcpSessionsActive == 1);
        using var fourth = await TalkAsync(port);
        using var fifth = await RawClient.ConnectAsync(port);
        Assert.Equal("", await fifth.ReadToEndAsync());

        var lines = await lab.LinesAsync(5);
        Assert.Equal(4, lines.Count(line => line == "UO circuit breaker: " + reason));
        Assert.Equal(1, lines.Count(line => line == "- -"));
        if (limit.Contains("circuit_breakers", StringComparison.Ordinal))
        {
            Assert.Equal(4, lab.Breakers("up").ConnectionOverflows);
            Assert.Equal(2, lab.Breakers("up").Connections.Value);
        }
    }

    [Fact]
    public async Task Connections_of_all_loops_count_together()
    {
        const int loops = 3, limit = 4, all = 24;
        await using var lab = new TcpLab();
        using var upstream = Echo();
        string cluster = TcpLab.Cluster("up", upstream.Address, $$""","circuit_breakers":[{"max_connections":{{limit}} }]""");
        int port = await lab.StartAsync($$""" "filter_chains":[{{TcpLab.Chain("""{"cluster":"up"}""")}}] """, cluster, format: Format, processor: loops);
        List<RawClient> clients = [];
        int taken = 0;
        for (int i = 0; i < all; i++)
        {
            var client = await RawClient.ConnectAsync(port);
            clients.Add(client);
            taken += await AnswersAsync(client) ? 1 : 0;
        }

        // Each loop may always have one.
        Assert.InRange(taken, limit, limit + loops - 1);
        Assert.Equal(taken, upstream.Connections);
        await Eventually.HoldsAsync(() => lab.Stats.TcpSessionsFailed == all - taken);
        clients.ForEach(client => client.Dispose());
        await Eventually.HoldsAsync(() => lab.Breakers("up").Connections.Value == 0 && lab.Stats.TcpSessionsActive == 0);
        using var last = await TalkAsync(port);
    }

    private static async Task<RawClient> TalkAsync(int port)
    {
        var client = await RawClient.ConnectAsync(port);
        Assert.True(await AnswersAsync(client));
        return client;
    }

    private static async Task<bool> AnswersAsync(RawClient client)
    {
        try
        {
            await client.SendAsync("x");
        }
        catch (System.Net.Sockets.SocketException)
        {
            return false;
        }

        return await client.ReadUntilAsync(text => text.Length == 1) == "x";
    }
}
