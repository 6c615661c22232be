using Outrider.Tests.Harness;
using static Outrider.Tests.Filters.FilterExchange;

namespace Outrider.Tests.Modules;

/// <summary>A body that a module makes in the headers hook of a message that came without one goes where a body would have gone.</summary>
public sealed class MadeBodyTests
{
    private const string Made = "made here";

    [CompilerFact("gcc")]
    public async Task It_goes_out_with_the_head_however_the_module_lets_that_go_on()
    {
        foreach (string way in new[] { "now", "open", "late", "clear" })
        {
            string request = "";
            using var upstream = Empty(seen => request = seen);
            await using var proxy = await ModuleProxy.StartAsync(upstream.Address, BuiltModule.C("made"), way);
            using var client = await RawClient.ConnectAsync(proxy.Port);
            for (int i = 0; i < 2; i++)
            {
                await client.SendAsync(Get);
                string response = await client.ReadResponseAsync();

                Assert.Equal((200, Made), (StatusOf(response), BodyOf(response)));
                Assert.Equal("9", WireReader.Field(HeadOf(response), "content-length"));
                Assert.Equal((way, Made), (way, BodyOf(request)));
                Assert.Equal("9", WireReader.Field(HeadOf(request), "content-length"));
                Assert.StartsWith(way == "clear" ? "GET /cleared " : "GET / ", request, StringComparison.Ordinal);
            }
        }
    }

    [CompilerFact("gcc")]
    public async Task A_module_behind_sees_it_as_a_body()
    {
        string request = "";
        using var upstream = Empty(seen => request = seen);
        // Responses pass the filters the other way round.
        await using var proxy = await ModuleProxy.StartAsync(upstream.Address, BuiltModule.C("made"), "sees", "late", "sees");
        string response = await proxy.SendAsync(Get);

        Assert.Equal(["alone", "with body"], Values(request));
        Assert.Equal(["alone", "with body"], Values(response));
        Assert.Equal((Made, Made), (BodyOf(request), BodyOf(response)));
    }

    [CompilerFact("gcc")]
    public async Task An_answer_to_HEAD_stays_without_a_body()
    {
        using var upstream = Empty(_ => { });
        await using var proxy = await ModuleProxy.StartAsync(upstream.Address, BuiltModule.C("made"), "now");
        string both = await RawClient.ExchangeAsync(proxy.Port, "HEAD / HTTP/1.1\r\nhost: a\r\n\r\nGET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");

        string second = BodyOf(both);
        Assert.StartsWith("HTTP/1.1 200 ", second, StringComparison.Ordinal);
        Assert.Equal(Made, BodyOf(second));
    }

    private static string[] Values(string message)
        => [.. HeadOf(message).Split("\r\n").Where(line => line.StartsWith("x-head: ", StringComparison.Ordinal)).Select(line => line["x-head: ".Length..])];

    private static RawUpstream Empty(Action<string> tell) => new(async (connection, _) =>
    {
        while (await connection.ReadRequestAsync() is { Length: > 0 } request)
        {
            tell(request);
            await connection.SendAsync("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
        }
    });
}
