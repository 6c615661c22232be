using System.Globalization;
using System.Text;
using Outrider.Filters;
using Outrider.Tests.Harness;
using static Outrider.Tests.Filters.FilterExchange;

namespace Outrider.Tests.Filters;

/// <summary>Answers that a filter writes piece by piece.</summary>
public sealed class StreamedReplyTests
{
    private static readonly byte[] s_kilobyte = Encoding.ASCII.GetBytes(new string('k', 1024));

    [Fact]
    public async Task A_piece_reaches_the_client_before_the_next_is_written()
    {
        var more = new TaskCompletionSource();
        var script = Answers(async writer =>
        {
            await writer.WriteAsync("first "u8.ToArray());
            await more.Task;
            await writer.WriteAsync("second"u8.ToArray());
        });
        await using var proxy = await StartAsync(script);
        using var client = await RawClient.ConnectAsync(proxy.Port);

        await client.SendAsync(Get + Get);
        string text = await client.ReadUntilAsync(text => text.Contains("first ", StringComparison.Ordinal));
        Assert.StartsWith("HTTP/1.1 202 ", text, StringComparison.Ordinal);
        Assert.Contains("x-own: yes\r\n", text, StringComparison.Ordinal);
        Assert.Contains("transfer-encoding: chunked\r\n", text, StringComparison.Ordinal);
        more.SetResult();
        text += await client.ReadUntilAsync(text => text.EndsWith("0\r\n\r\n", StringComparison.Ordinal) && text.Split("0\r\n\r\n").Length == 3);

        // The connection serves on.
        Assert.Equal(2, text.Split("HTTP/1.1 202 ").Length - 1);
        Assert.Equal("first second", Dechunk(BodyOf(text)));
        await proxy.AssertEndedAsync(script);
    }

    [Fact]
    public async Task An_HTTP_1_0_client_gets_it_up_to_the_connections_end()
    {
        var script = Answers(async writer =>
        {
            await writer.WriteAsync("one "u8.ToArray());
            await Task.Yield();
            await writer.WriteAsync("two"u8.ToArray());
        });
        await using var proxy = await StartAsync(script);

        string response = await RawClient.ExchangeAsync(proxy.Port, "GET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\n");

        Assert.DoesNotContain("transfer-encoding", response, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\none two", response, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_is_asked_for_a_body_that_nobody_sees()
    {
        bool asked = false;
        await using var proxy = await StartAsync(Answers(_ =>
        {
            asked = true;
            return Task.CompletedTask;
        }));

        string head = await RawClient.ExchangeAsync(proxy.Port, "HEAD / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 202 ", head, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n", head, StringComparison.Ordinal);
        Assert.False(asked);
    }

    [Theory]
    [ClassData(typeof(Paces))]
    public async Task It_passes_the_sender_filters_piece_by_piece_in_order(Pace pace)
    {
        var script = Answers(async writer =>
        {
            for (int i = 0; i < 20; i++)
            {
                await writer.WriteAsync(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{i},")));
            }
        });
        var sender = new Script
        {
            Pace = pace,
            EncodeHeaders = (_, headers, _) =>
            {
                headers.Set("x-sender"u8, "seen"u8);
                return FilterAction.Continue;
            },
            EncodeData = (_, data, _) =>
            {
                data.Replace(data.ToString().Replace(",", ";", StringComparison.Ordinal));
                return FilterAction.Continue;
            },
        };
        await using var proxy = await StartAsync(script, sender);

        string response = await proxy.SendAsync(Post("body"));

        Assert.Contains("x-sender: seen\r\n", response, StringComparison.Ordinal);
        Assert.Equal(string.Concat(Enumerable.Range(0, 20).Select(i => i + ";")), Dechunk(BodyOf(response)));
        await proxy.AssertEndedAsync(script, sender);
    }

    [Fact]
    public async Task A_sender_filter_may_collect_it_or_answer_otherwise()
    {
        var collect = new Script { EncodeResponse = (_, _, body, _) => FilterAction.Reply(200, body.ToString().ToUpperInvariant()) };
        await using (var proxy = await StartAsync(Answers(TwoPieces), collect))
        {
            Assert.EndsWith("\r\n\r\nABCD", await proxy.SendAsync(Get), StringComparison.Ordinal);
        }

        var script = Answers(Endless);
        var other = new Script { EncodeHeaders = (_, headers, _) => headers.Status == 202 ? FilterAction.Reply(418, "tea") : FilterAction.Continue };
        await using (var proxy = await StartAsync(script, other))
        {
            string response = await proxy.SendAsync(Get);
            Assert.Equal((418, "tea"), (StatusOf(response), BodyOf(response)));
            await proxy.AssertEndedAsync(script, other);
        }

        var tooLarge = new Script { EncodeResponse = (_, _, _, _) => FilterAction.Continue };
        script = Answers(Endless);
        await using (var proxy = await StartAsync(script, tooLarge))
        {
            Assert.Equal(502, StatusOf(await proxy.SendAsync(Get)));
            await proxy.AssertEndedAsync(script, tooLarge);
        }
    }

    [Fact]
    public async Task A_client_that_does_not_read_holds_the_writer_up()
    {
        const int Pieces = 40_000;
        int written = 0;
        var script = Answers(async writer =>
        {
            for (int i = 0; i < Pieces; i++)
            {
                await writer.WriteAsync(s_kilobyte);
                _ = Interlocked.Increment(ref written);
            }
        });
        await using var proxy = await StartAsync(script);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        await client.SendAsync(Get);

        // It comes to rest with what the two kernels' buffers hold, far from all of it: another stream's turn shows that the loop is idle.
        int before;
        do
        {
            before = Volatile.Read(ref written);
            await Task.Delay(100);
        }
        while (Volatile.Read(ref written) != before || before == 0);
        Assert.InRange(before, 1, Pieces - 1000);

        long length = 0;
        var answers = new WireReader(client.Socket);
        string head = await answers.ReadHeadAsync();
        length = (await answers.ReadBodyAsync(head)).LongLength;
        Assert.Equal(Pieces * 1024L, length);
        Assert.False(answers.IsTruncated);
        await proxy.AssertEndedAsync(script);
    }

    [Fact]
    public async Task A_writer_that_never_waits_lets_other_streams_have_their_turn()
    {
        bool done = false;
        var script = new Script
        {
            DecodeHeaders = (_, headers, _) =>
            {
                if (headers.PathString == "/stop")
                {
                    done = true;
                    return FilterAction.Reply(200, "stopped");
                }

                return FilterAction.Reply(new StreamedReply(200, async writer =>
                {
                    while (!done)
                    {
                        await writer.WriteAsync(s_kilobyte);
                    }
                }));
            },
        };
        await using var proxy = await StartAsync(script);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        await client.SendAsync(Get);
        var answers = new WireReader(client.Socket);
        string head = await answers.ReadHeadAsync();
        // On a thread of the pool: while there are bytes, which may be always, reading does not come back. The writer has no end of its own, so nothing is kept.
        var body = Task.Run(() => answers.SkipBodyAsync(head));

        Assert.Contains("stopped", await proxy.SendAsync("GET /stop HTTP/1.1\r\nhost: a\r\n\r\n"), StringComparison.Ordinal);
        await body.SoonAsync();
        Assert.False(answers.IsTruncated);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_writer_that_fails_half_way_cuts_the_response_off(bool atOnce)
    {
        var script = Answers(async writer =>
        {
            await writer.WriteAsync("half"u8.ToArray());
            if (!atOnce)
            {
                await Task.Delay(1);
            }

            throw new FormatException("the other half is missing");
        });
        await using var proxy = await StartAsync(script);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        await client.SendAsync(Get);

        Assert.DoesNotContain("0\r\n\r\n", await client.ReadToEndAsync(), StringComparison.Ordinal);
        await proxy.AssertEndedAsync(script);
        Assert.Equal(1, proxy.Stats.FilterErrors);
        Assert.Contains("filter 'f0' on listener 'l': System.FormatException: the other half is missing", proxy.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_goes_away_cancels_the_writer_whose_filter_lives_until_then()
    {
        var stopped = new TaskCompletionSource<Exception>();
        var script = Answers(async (filter, writer) =>
        {
            try
            {
                while (true)
                {
                    await writer.WriteAsync(s_kilobyte);
                }
            }
            catch (OperationCanceledException e)
            {
                await Task.Yield();
                Assert.True(filter.Context.Aborted.IsCancellationRequested);
                Assert.DoesNotContain("OnDestroy", filter.Calls);
                stopped.SetResult(e);
                throw;
            }
        });
        await using var proxy = await StartAsync(script);
        using (var client = await RawClient.ConnectAsync(proxy.Port))
        {
            await client.SendAsync(Get);
            _ = await client.ReadUntilAsync(text => text.Contains("kkkk", StringComparison.Ordinal));
            client.Reset();
        }

        _ = await stopped.Task.SoonAsync();
        await proxy.AssertEndedAsync(script);
        Assert.Equal(0, proxy.Stats.FilterErrors);
    }

    [Fact]
    public async Task A_writer_that_waits_and_writes_nothing_meets_the_filters_timeout()
    {
        var script = Answers(async (filter, writer) =>
        {
            await writer.WriteAsync("half"u8.ToArray());
            await Task.Delay(Timeout.Infinite, filter.Context.Aborted);
        });
        await using var proxy = await TestProxy.StartAsync([], [script], "\"filter_timeout\": \"100ms\"");
        using var client = await RawClient.ConnectAsync(proxy.Port);
        await client.SendAsync(Get);

        Assert.EndsWith("half\r\n", await client.ReadToEndAsync(), StringComparison.Ordinal);
        await proxy.AssertEndedAsync(script);
        Assert.Contains("'f0'", proxy.Log, StringComparison.Ordinal);
        Assert.Contains("filter_timeout", proxy.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_write_from_another_thread_one_too_many_or_too_late_is_an_exception_that_says_so()
    {
        var said = new List<string>();
        ReplyWriter? kept = null;
        var ended = new TaskCompletionSource();
        var script = Answers(async writer =>
        {
            kept = writer;
            said.Add((await Assert.ThrowsAsync<InvalidOperationException>(() => Task.Run(() => writer.WriteAsync(s_kilobyte).AsTask()))).Message);
            var first = writer.WriteAsync(new byte[64 * 1024 * 1024]);
            said.Add((await Assert.ThrowsAsync<InvalidOperationException>(() => writer.WriteAsync(s_kilobyte).AsTask())).Message);
            await first;
        });
        await using var proxy = await StartAsync(script);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        await client.SendAsync(Get);
        var answers = new WireReader(client.Socket);
        Assert.Equal(64 * 1024 * 1024, (await answers.ReadBodyAsync(await answers.ReadHeadAsync())).Length);
        await proxy.AssertEndedAsync(script);

        Assert.Contains("ConfigureAwait(false)", said[0], StringComparison.Ordinal);
        Assert.Contains("await it", said[1], StringComparison.Ordinal);
        _ = await Assert.ThrowsAsync<InvalidOperationException>(() => kept!.WriteAsync(s_kilobyte).AsTask());
    }

    private static async Task TwoPieces(ReplyWriter writer)
    {
        await writer.WriteAsync("ab"u8.ToArray());
        await writer.WriteAsync("cd"u8.ToArray());
    }

    private static async Task Endless(ReplyWriter writer)
    {
        while (true)
        {
            await writer.WriteAsync(s_kilobyte);
            await Task.Yield();
        }
    }

    private static Script Answers(Func<ReplyWriter, Task> write) => Answers((_, writer) => write(writer));

    private static Script Answers(Func<ScriptedFilter, ReplyWriter, Task> write) => new()
    {
        DecodeHeaders = (filter, _, _) => FilterAction.Reply(new StreamedReply(202, writer => write(filter, writer)).With("x-own", "yes")),
    };

    private static Task<TestProxy> StartAsync(params Script[] scripts) => TestProxy.StartAsync([], scripts);
}
