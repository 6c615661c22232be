using Outrider.Filters;
using Outrider.Tests.Harness;
using static Outrider.Tests.Filters.FilterExchange;

namespace Outrider.Tests.Filters;

/// <summary>What a filter keeps of its stream reaches nothing after the stream's end: neither the stream that was, nor the one of the next client.</summary>
public sealed class SeveringTests
{
    [Theory]
    [InlineData(Return.TaskRun)]
    [InlineData(Return.WithoutContext)]
    [InlineData(Return.SameLoop)]
    [InlineData(Return.Delay)]
    public async Task Whatever_was_kept_throws_while_the_next_client_is_served(Return way)
    {
        var again = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<string[]>? late = null;
        List<KeptPart> parts = [];
        bool IsFirst(ScriptedFilter filter) => filter.Context.RequestHeaders.PathString == "/first";
        var script = new Script
        {
            DecodeHeaders = (filter, headers, _) =>
            {
                if (IsFirst(filter))
                {
                    Keep(parts, filter, headers);
                    late = KeptPart.TouchAllAsync(way, again.Task, parts);
                }

                return FilterAction.Continue;
            },
            DecodeData = (filter, data, _) =>
            {
                if (IsFirst(filter))
                {
                    KeepBody(parts, "request body", data);
                }

                return FilterAction.Continue;
            },
            DecodeTrailers = (filter, trailers) =>
            {
                if (IsFirst(filter))
                {
                    KeepMap(parts, "request trailers", trailers);
                }

                return FilterAction.Continue;
            },
            EncodeHeaders = (filter, headers, _) =>
            {
                if (IsFirst(filter))
                {
                    KeepMap(parts, "response headers", headers);
                    parts.Add(new("Status", () => headers.Status = 418));
                }

                return FilterAction.Continue;
            },
            EncodeData = (filter, data, _) =>
            {
                if (IsFirst(filter))
                {
                    KeepBody(parts, "response body", data);
                }

                return FilterAction.Continue;
            },
            EncodeTrailers = (filter, trailers) =>
            {
                if (IsFirst(filter))
                {
                    KeepMap(parts, "response trailers", trailers);
                }

                return FilterAction.Continue;
            },
        };
        using var upstream = new RawUpstream(async (connection, _) =>
        {
            while (await connection.ReadRequestAsync() is { Length: > 0 } request)
            {
                if (request.Contains("/second", StringComparison.Ordinal))
                {
                    arrived.SetResult();
                    await answer.Task;
                }

                await connection.SendAsync($"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{request.Length:x}\r\n{request}\r\n0\r\nx-upstream: 1\r\n\r\n");
            }
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [script]);
        await proxy.SendAsync(PostChunkedWith("x-t: 1\r\n", "body").Replace("POST / ", "POST /first ", StringComparison.Ordinal));
        await proxy.AssertEndedAsync(script);

        var second = proxy.SendAsync("GET /second HTTP/1.1\r\nhost: example.test\r\nauthorization: secret\r\n\r\n");
        await arrived.Task;
        again.SetResult();
        string[] outcomes = await late!;
        answer.SetResult();
        string response = await second;

        Assert.True(outcomes.Length > 35, string.Join('\n', outcomes));
        Assert.All(outcomes, outcome => Assert.EndsWith(": InvalidOperationException", outcome, StringComparison.Ordinal));
        Assert.Equal(200, StatusOf(response));
        Assert.DoesNotContain("late", response, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Return.TaskRun)]
    [InlineData(Return.WithoutContext)]
    [InlineData(Return.SameLoop)]
    [InlineData(Return.Delay)]
    public async Task The_writer_of_a_reply_and_a_whole_body_write_nothing_to_the_next_client(Return way)
    {
        var again = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<string[]>? late = null;
        List<KeptPart> parts = [];
        var script = new Script
        {
            DecodeHeaders = (_, _, _) => FilterAction.WaitAllData,
            DecodeRequest = (filter, headers, body, trailers) =>
            {
                if (headers.PathString == "/second")
                {
                    return FilterAction.Reply(new StreamedReply(200, async writer =>
                    {
                        await writer.WriteAsync("of the "u8.ToArray());
                        arrived.SetResult();
                        await answer.Task;
                        await writer.WriteAsync("second"u8.ToArray());
                    }));
                }

                Keep(parts, filter, headers);
                KeepBody(parts, "whole body", body);
                KeepMap(parts, "whole trailers", trailers!);
                late = KeptPart.TouchAllAsync(way, again.Task, parts);
                return FilterAction.Reply(new StreamedReply(200, async writer =>
                {
                    parts.Add(new("writer", () => writer.WriteAsync("late"u8.ToArray()).AsTask()));
                    await writer.WriteAsync("first"u8.ToArray());
                }));
            },
        };
        await using var proxy = await TestProxy.StartAsync(["127.0.0.1:1"], [script]);
        string first = await proxy.SendAsync(PostChunkedWith("x-t: 1\r\n", "body").Replace("POST / ", "POST /first ", StringComparison.Ordinal));
        await proxy.AssertEndedAsync(script);

        var second = proxy.SendAsync("GET /second HTTP/1.1\r\nhost: example.test\r\nauthorization: secret\r\n\r\n");
        await arrived.Task;
        again.SetResult();
        string[] outcomes = await late!;
        answer.SetResult();

        Assert.Equal("first", Dechunk(BodyOf(first)));
        Assert.Equal("of the second", Dechunk(BodyOf(await second)));
        Assert.Contains("writer: InvalidOperationException", outcomes);
        Assert.All(outcomes, outcome => Assert.EndsWith(": InvalidOperationException", outcome, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_log_that_was_kept_writes_of_the_stream_that_it_came_from()
    {
        StreamLog? log = null;
        long first = 0;
        var script = new Script
        {
            DecodeHeaders = (filter, _, _) =>
            {
                if (log is null)
                {
                    log = filter.Context.Log;
                    first = filter.Context.Id;
                }
                else
                {
                    log.Warn("of the first");
                }

                return FilterAction.Continue;
            },
        };
        using var upstream = Mirror();
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [script]);
        await proxy.SendAsync(Get);
        await proxy.SendAsync(Get);

        Assert.Contains($"[{first:x}] of the first", proxy.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_filter_that_is_used_again_is_given_the_same_objects_again()
    {
        var seen = new List<(StreamContext Stream, RequestHeaders Headers, string Path)>();
        var script = new Script
        {
            Reset = () => true,
            DecodeHeaders = (filter, headers, _) =>
            {
                seen.Add((filter.Context, headers, headers.PathString));
                return FilterAction.Continue;
            },
        };
        using var upstream = Mirror();
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [script]);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        foreach (string path in (string[])["/1", "/2"])
        {
            await client.SendAsync($"GET {path} HTTP/1.1\r\nhost: example.test\r\n\r\n");
            await client.ReadResponseAsync();
        }

        Assert.Equal(["/1", "/2"], seen.Select(s => s.Path));
        Assert.Same(seen[0].Stream, seen[1].Stream);
        Assert.Same(seen[0].Headers, seen[1].Headers);
        Assert.Throws<InvalidOperationException>(() => seen[0].Headers.Count);
    }

    private static void Keep(List<KeptPart> parts, ScriptedFilter filter, RequestHeaders headers)
    {
        var stream = filter.Context;
        var metadata = stream.Metadata;
        KeepMap(parts, "request headers", headers);
        parts.AddRange(
        [
            new("authorization", () => headers.GetString("authorization")),
            new("Method", () => headers.MethodString),
            new("Path", () => Do(() => headers.Path = "/late"u8)),
            new("filter.Stream", () => filter.Context.Id),
            new("Stream.RequestHeaders", () => stream.RequestHeaders.GetString("authorization")),
            new("Stream.ResponseHeaders", () => stream.ResponseHeaders),
            new("Stream.Id", () => stream.Id),
            new("Stream.Aborted", () => stream.Aborted),
            new("Stream.Log", () => stream.Log),
            new("Stream.DownstreamRemoteAddress", () => stream.DownstreamRemoteAddress),
            new("Stream.GetVariable", () => stream.GetVariable("upstream_host")),
            new("Stream.SetVariable", () => Do(() => stream.SetVariable("late", 1))),
            new("Stream.SetFilterState", () => Do(() => stream.SetFilterState("late", "1"u8))),
            new("Stream.GetAttribute", () => stream.GetAttribute("request.path")),
            new("Stream.SetUpstreamHost", () => Do(() => stream.SetUpstreamHost("127.0.0.1:1"))),
            new("Stream.CalloutAsync", () => stream.CalloutAsync(new Callout("up", "GET", "/late"))),
            new("Metadata", () => metadata.GetText("a", "b")),
            new("Metadata.Set", () => Do(() => metadata.Set("late", "b", "c"))),
        ]);
    }

    private static void KeepMap(List<KeptPart> parts, string name, HeaderMap map) => parts.AddRange(
    [
        new(name + " Count", () => map.Count),
        new(name + " Get", () => map.GetString("authorization")),
        new(name + " Set", () => Do(() => map.Set("x-late", "1"))),
        new(name + " Remove", () => map.Remove("authorization")),
    ]);

    private static void KeepBody(List<KeptPart> parts, string name, BodyBuffer body) => parts.AddRange(
    [
        new(name + " Length", () => body.Length),
        new(name + " ToString", body.ToString),
        new(name + " Append", () => Do(() => body.Append("late"u8))),
    ]);

    private static object? Do(Action action)
    {
        action();
        return null;
    }
}
