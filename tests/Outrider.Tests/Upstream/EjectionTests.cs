using System.Text;
using Outrider.Configuration;
using Outrider.Configuration.Problems;
using Outrider.Tests.Harness;
using static Outrider.Tests.Filters.FilterExchange;

namespace Outrider.Tests.Upstream;

/// <summary>Ejection as a client sees it.</summary>
public sealed class EjectionTests
{
    private const string Get = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";

    [Theory]
    [InlineData("500")]
    [InlineData("refused")]
    [InlineData("reset")]
    [InlineData("hung")]
    public async Task A_host_that_fails_is_found_and_gets_no_requests_until_it_comes_back(string how)
    {
        int failing = 1, asked = 0;
        using var good = RawUpstream.Answering(Response("good"));
        using var bad = new RawUpstream(async (connection, _) =>
        {
            while (await connection.ReadRequestAsync() is { Length: > 0 })
            {
                _ = Interlocked.Increment(ref asked);
                if (Volatile.Read(ref failing) == 0)
                {
                    await connection.SendAsync(Response("back"));
                    continue;
                }

                switch (how)
                {
                    case "500":
                        await connection.SendAsync("HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n");
                        break;
                    case "reset":
                        connection.Reset();
                        return;
                    default:
                        while ((await connection.ReadAsync()).Length > 0)
                        {
                        }

                        return;
                }
            }
        });
        string address = how == "refused" ? $"127.0.0.1:{FreePorts.Next()}" : bad.Address;
        await using var proxy = await TestProxy.StartAsync(
            [good.Address, address], loops: 2,
            cluster: ""","outlier_detection":{"consecutive_5xx":3,"interval":"50ms","base_ejection_time":"3s","max_ejection_percent":100}""",
            route: $$$"""[{"match":{"prefix":"/"},"route":{"cluster_name":"up","timeout":"{{{(how == "hung" ? "2s" : "60s")}}}"}}]""");

        for (int i = 0; i < 100 && proxy.Server.Clusters.Find("up")!.Hosts[1].IsHealthy; i++)
        {
            _ = await proxy.SendAsync(Get);
        }

        await Eventually.HoldsAsync(() => proxy.Log.Contains($"cluster up: host {address} is ejected for 3 s: 3 ", StringComparison.Ordinal));
        int before = Volatile.Read(ref asked);
        for (int i = 0; i < 10; i++)
        {
            string answer = BodyOf(await proxy.SendAsync(Get));
            if (proxy.Server.Clusters.Find("up")!.Hosts[1].IsHealthy)
            {
                // The ejection has ended already, and the answer may be the host's.
                before = Volatile.Read(ref asked);
                break;
            }

            Assert.Equal("good", answer);
        }

        if (how != "refused")
        {
            Volatile.Write(ref failing, 0);
            await Eventually.HoldsAsync(() => proxy.Log.Contains("is no longer ejected: its ejection is over", StringComparison.Ordinal));
            Assert.Equal(before, Volatile.Read(ref asked));
            await Eventually.HoldsAsync(async () => BodyOf(await proxy.SendAsync(Get)) == "back");
        }
    }

    [Fact]
    public async Task Without_a_healthy_host_the_answer_is_503_with_the_flag_UH()
    {
        using var bad = RawUpstream.Answering("HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n");
        string log = Path.GetTempFileName();
        await using (var proxy = await TestProxy.StartAsync(
            [bad.Address], cluster: ""","outlier_detection":{"consecutive_5xx":1,"max_ejection_percent":100}""",
            listener: $$""","access_logs":[{"log_path":"{{log}}","log_format":"%response_code% %response_flags%"}]"""))
        {
            Assert.Equal(500, StatusOf(await proxy.SendAsync(Get)));
            await Eventually.HoldsAsync(() => !proxy.Server.Clusters.Find("up")!.Hosts[0].IsHealthy);
            Assert.Equal(503, StatusOf(await proxy.SendAsync(Get)));
        }

        Assert.Equal(["500 -", "503 UH"], await File.ReadAllLinesAsync(log));
        File.Delete(log);
    }

    [Theory]
    [InlineData("""{"consecutive_5xx":-1}""", "consecutive_5xx", "a whole number of 0 or more")]
    [InlineData("""{"max_ejection_percent":101}""", "max_ejection_percent", "a whole number from 0 to 100")]
    [InlineData("""{"enforcing_success_rate":"x"}""", "enforcing_success_rate", "from 0 to 100")]
    [InlineData("""{"interval":"0s"}""", "interval", "a duration greater than zero")]
    [InlineData("""{"base_ejection_time":30}""", "base_ejection_time", "a duration such as")]
    [InlineData("""{"split_external_local_origin_errors":1}""", "split_external_local_origin_errors", "true or false")]
    [InlineData("5", "", "an object")]
    public void What_is_wrong_is_an_error_with_its_path(string outliers, string path, string message)
    {
        var problem = Assert.Single(Assert.Throws<ConfigurationException>(() => ConfigurationLoader.Parse(Encoding.UTF8.GetBytes(
            $$"""{"servers":[{"listeners":[]}],"cluster_manager":{"clusters":[{"name":"up","outlier_detection":{{outliers}},"hosts":[{"address":"127.0.0.1:1"}]}]} }"""), "test.json")).Problems);
        Assert.Equal("cluster_manager.clusters[0].outlier_detection" + (path.Length > 0 ? "." + path : ""), problem.JsonPath);
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
    }
}
