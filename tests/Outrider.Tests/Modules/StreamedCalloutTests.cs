using System.Globalization;
using Outrider.Tests.Filters;
using Outrider.Tests.Harness;
using static Outrider.Tests.Filters.FilterExchange;

namespace Outrider.Tests.Modules;

/// <summary>Requests that a module makes piece by piece wait for who does not take them, like all else that is sent.</summary>
public sealed class StreamedCalloutTests
{
    private static readonly byte[] s_body = TestBytes.Make(Flow.Large);

    private static string Module => BuiltModule.C("ask");

    [CompilerFact("gcc")]
    public async Task An_upstream_that_takes_nothing_is_sent_no_more_than_the_limit()
    {
        var done = new TaskCompletionSource();
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            _ = await connection.ReadAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\n");
            await done.Task;
        });
        await using var proxy = await ModuleProxy.StartAsync([upstream.Address], [ModuleProxy.Entry(Module, "push")], "\"max_buffered_body_size\": 262144");

        int taken = int.Parse(BodyOf(await proxy.SendAsync(Get)), CultureInfo.InvariantCulture);
        done.SetResult();

        // What the kernel holds of a connection that nobody reads, and the limit.
        Assert.InRange(taken, 64 * 1024, Flow.MaxUnderway);
    }

    [CompilerFact("gcc")]
    public async Task An_upstream_that_takes_nothing_holds_the_client_and_gets_everything_once_it_does()
    {
        var go = new TaskCompletionSource();
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            var reader = new WireReader(connection.Socket);
            string head = await reader.ReadHeadAsync();
            await go.Task;
            string digest = TestBytes.Digest(await reader.ReadBodyAsync(head));
            await connection.SendAsync($"HTTP/1.1 200 OK\r\ncontent-length: {digest.Length}\r\n\r\n{digest}");
        });
        await using var proxy = await ModuleProxy.StartAsync(upstream.Address, Module, "relay");
        using var client = await RawClient.ConnectAsync(proxy.Port);
        int sent = 0;
        await client.SendAsync($"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: {s_body.Length}\r\n\r\n");
        var sending = Flow.SendCountingAsync(client.Socket, s_body, count => Volatile.Write(ref sent, count));
        await Flow.StandsStillAsync(() => Volatile.Read(ref sent));
        int stoppedAt = Volatile.Read(ref sent);
        go.SetResult();
        var (_, answer) = await new WireReader(client.Socket).ReadMessageAsync();
        await sending;

        Assert.InRange(stoppedAt, 1, Flow.MaxUnderway);
        Assert.Equal(TestBytes.Digest(s_body), answer);
    }

    [CompilerFact("gcc")]
    public async Task A_client_that_takes_nothing_holds_the_answer_of_an_upstream_and_gets_everything_once_it_does()
    {
        int sent = 0;
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            _ = await connection.ReadRequestAsync();
            await connection.SendAsync($"HTTP/1.1 200 OK\r\ncontent-length: {s_body.Length}\r\n\r\n");
            await Flow.SendCountingAsync(connection.Socket, s_body, count => Volatile.Write(ref sent, count));
        });
        await using var proxy = await ModuleProxy.StartAsync(upstream.Address, Module, "relay");
        using var client = await RawClient.ConnectAsync(proxy.Port);
        await client.SendAsync(Get);
        var answers = new WireReader(client.Socket);
        string head = await answers.ReadHeadAsync();
        await Flow.StandsStillAsync(() => Volatile.Read(ref sent));

        Assert.InRange(Volatile.Read(ref sent), 1, Flow.MaxUnderway);
        Assert.Equal(TestBytes.Digest(s_body), TestBytes.Digest(await answers.ReadBodyAsync(head)));
    }
}
