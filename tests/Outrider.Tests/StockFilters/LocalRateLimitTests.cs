using Outrider.StockFilters.Limits;
using Outrider.Tests.Configuration;
using Outrider.Tests.Harness;
using static Outrider.Tests.Filters.FilterExchange;
using static Outrider.Tests.StockFilters.StockExchange;

namespace Outrider.Tests.StockFilters;

/// <summary>The filter <c>local_rate_limit</c>.</summary>
public sealed class LocalRateLimitTests
{
    // A time that no test outlasts.
    private const string Two = "\"token_bucket\":{\"max_tokens\":2,\"fill_interval\":\"1h\"}";

    [Fact]
    public async Task So_many_requests_pass_and_others_are_told_when_to_come_again()
    {
        using var upstream = Mirror();
        await using var proxy = await StockProxy.StartAsync(upstream.Address, $$"""{"type":"local_rate_limit","config":{ {{Two}} } }""");
        string first = await proxy.SendAsync(GetWith(""));
        Assert.Equal(200, StatusOf(first));
        Assert.Contains("ratelimit-limit: 2\r\n", first, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("ratelimit-remaining: 1\r\n", first, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("retry-after", first, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(200, StatusOf(await proxy.SendAsync(GetWith(""))));
        string refused = await proxy.SendAsync(GetWith(""));
        Assert.Equal(429, StatusOf(refused));
        Assert.Contains("ratelimit-remaining: 0\r\n", refused, StringComparison.OrdinalIgnoreCase);
        Assert.Matches("(?i)retry-after: 3(600|5[0-9][0-9])\r\n", refused);
    }

    [Theory]
    [InlineData("local_rate_limit", """{"token_bucket":{"max_tokens":1,"fill_interval":"1h"}}""", "429 RL local_rate_limited")]
    [InlineData("flowControlFilter", """{"global_switch":true,"action":{"status":429},"rules":[{"resource":"/","threshold":1,"statIntervalInMs":3600000}]}""", "429 RL flow_control")]
    public async Task A_refusal_has_the_flag_RL_in_the_access_log(string type, string config, string line)
    {
        using var folder = new TemporaryDirectory();
        string log = Path.Combine(folder.Path, "access.log");
        using var upstream = Mirror();
        await using (var proxy = await StockProxy.StartAsync(
            upstream.Address, $$"""{"type":"{{type}}","config":{{config}} }""", accessLog: log, format: "%response_code% %response_flags% %response_code_details%"))
        {
            _ = await proxy.SendAsync(GetWith(""));
            _ = await proxy.SendAsync(GetWith(""));
        }

        Assert.Equal(["200 - -", line], await File.ReadAllLinesAsync(log));
    }

    [Theory]
    [InlineData("\"key\":\"header\",\"header\":\"X-User\"", "x-user: a\r\n", "/", "x-user: b\r\n", "/")]
    [InlineData("\"key\":\"header\",\"header\":\"x-user\"", "x-user: a\r\n", "/", "", "/")]
    public async Task Each_key_has_a_bucket_of_its_own(string key, string fields, string path, string otherFields, string otherPath)
    {
        using var upstream = Mirror();
        await using var proxy = await StockProxy.StartAsync(upstream.Address, $$"""{"type":"local_rate_limit","config":{ {{Two}},{{key}} } }""");
        int[] statuses = [.. await InTurn(3, () => proxy.SendAsync(GetWith(fields, path)))];
        Assert.Equal([200, 200, 429], statuses);
        Assert.Equal(200, StatusOf(await proxy.SendAsync(GetWith(otherFields, otherPath))));
    }

    [Theory]
    [InlineData("address")]
    [InlineData("route")]
    [InlineData("all")]
    public async Task One_client_on_one_route_has_one_bucket(string key)
    {
        using var upstream = Mirror();
        await using var proxy = await StockProxy.StartAsync(upstream.Address, $$"""{"type":"local_rate_limit","config":{ {{Two}},"key":"{{key}}","headers":false,"status":503} }""");
        int[] statuses = await InTurn(3, () => proxy.SendAsync(GetWith("")));
        Assert.Equal([200, 200, 503], statuses);
    }

    [Fact]
    public void A_bucket_fills_again_token_by_token()
    {
        var bucket = new RateBucket(3, 10);
        long fullAt = 0;
        Assert.True(bucket.TryTake(ref fullAt, 1000, out long left, out _));
        Assert.Equal(2, left);
        Assert.True(bucket.TryTake(ref fullAt, 1000, out _, out _));
        Assert.True(bucket.TryTake(ref fullAt, 1000, out left, out _));
        Assert.Equal(0, left);
        Assert.False(bucket.TryTake(ref fullAt, 1000, out _, out long wait));
        Assert.Equal(10, wait);
        Assert.False(bucket.TryTake(ref fullAt, 1009, out _, out wait));
        Assert.Equal(1, wait);
        Assert.True(bucket.TryTake(ref fullAt, 1010, out _, out _));
        Assert.False(bucket.TryTake(ref fullAt, 1010, out _, out _));

        // After a rest it is full, and no fuller.
        for (int i = 0; i < 3; i++)
        {
            Assert.True(bucket.TryTake(ref fullAt, 5000, out _, out _));
        }

        Assert.False(bucket.TryTake(ref fullAt, 5000, out _, out _));
    }

    [Fact]
    public void Of_many_threads_exactly_as_many_pass_as_there_are_tokens()
    {
        var bucket = new RateBucket(1000, 1_000_000);
        var table = new RateTable(8);
        int passed = 0;
        Parallel.For(0, 4, _ =>
        {
            for (int i = 0; i < 1000; i++)
            {
                _ = bucket.TryTake(ref table.Find(7), 1, out long _, out long _) ? Interlocked.Increment(ref passed) : 0;
            }
        });
        Assert.Equal(1000, passed);
    }

    [Fact]
    public void The_table_is_bounded_and_who_is_limited_stays_when_others_come()
    {
        var bucket = new RateBucket(1, long.MaxValue / 4);
        var table = new RateTable(1000);
        Assert.InRange(table.Capacity, 1000, 2048);
        Assert.True(bucket.TryTake(ref table.Find(0x1234_5678_9ABC_DEF0), 1, out _, out _));
        Assert.False(bucket.TryTake(ref table.Find(0x1234_5678_9ABC_DEF0), 1, out _, out _));

        // They have taken nothing, so that each gives way to the next.
        for (ulong i = 1; i < 100_000; i++)
        {
            _ = table.Find(i * 0x9E3779B97F4A7C15);
        }

        Assert.False(bucket.TryTake(ref table.Find(0x1234_5678_9ABC_DEF0), 1, out _, out _));
        Allocation.AssertNone(() => _ = bucket.TryTake(ref table.Find(99), 1, out _, out _));
    }

    [Theory]
    [InlineData("{}", "$.token_bucket", "is missing and required")]
    [InlineData("""{"token_bucket":{"max_tokens":0}}""", "$.token_bucket.max_tokens", "wanted 1 to 1000000000")]
    [InlineData("""{"token_bucket":{"max_tokens":1,"tokens_per_fill":-1}}""", "$.token_bucket.tokens_per_fill", "wanted 1 to 1000000000")]
    [InlineData("""{"token_bucket":{"max_tokens":1,"fill_interval":"0s"}}""", "$.token_bucket.fill_interval", "wanted 1ms to 576h")]
    [InlineData("""{"token_bucket":{"max_tokens":1},"key":"cookie"}""", "$.key", "wanted \"all\"")]
    [InlineData("""{"token_bucket":{"max_tokens":1},"key":"header"}""", "$.header", "wanted a header's name")]
    [InlineData("""{"token_bucket":{"max_tokens":1},"max_keys":1}""", "$.max_keys", "wanted 8 to 16777216")]
    [InlineData("""{"token_bucket":{"max_tokens":1},"status":200}""", "$.status", "wanted 400 to 599")]
    public void What_is_wrong_is_an_error_with_its_path(string config, string path, string message)
    {
        var refusal = Refusal("local_rate_limit", config);
        Assert.Equal(path, refusal.Path);
        Assert.Contains(message, refusal.Message, StringComparison.Ordinal);
    }

    private static async Task<int[]> InTurn(int count, Func<Task<string>> ask)
    {
        var statuses = new int[count];
        for (int i = 0; i < count; i++)
        {
            statuses[i] = StatusOf(await ask());
        }

        return statuses;
    }
}
