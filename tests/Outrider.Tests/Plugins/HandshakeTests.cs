using Outrider.Plugins.Protocol;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Plugins;

public sealed class HandshakeTests
{
    [Theory]
    [InlineData("1|1|unix|/tmp/plugin1|grpc", "/tmp/plugin1")]
    [InlineData("1|1|tcp|127.0.0.1:1234|grpc", "127.0.0.1:1234")]
    [InlineData("  1|1|tcp|127.0.0.1:1234|grpc\r", "127.0.0.1:1234")]
    [InlineData("1|1|tcp|127.0.0.1:1234|grpc|", "127.0.0.1:1234")]
    [InlineData("1|1|tcp|127.0.0.1:1234|grpc||", "127.0.0.1:1234")]
    [InlineData("1|1|tcp|127.0.0.1:1234|grpc||false", "127.0.0.1:1234")]
    [InlineData("1|1|tcp|127.0.0.1:1234|grpc|old extra", "127.0.0.1:1234")]
    [InlineData("1|1|tcp|:1234|grpc", "127.0.0.1:1234")]
    [InlineData("1|1|tcp|0.0.0.0:1234|grpc", "127.0.0.1:1234")]
    [InlineData("1|1|tcp|[::]:1234|grpc", "127.0.0.1:1234")]
    [InlineData("1|1|tcp|[::1]:1234|grpc", "[::1]:1234")]
    [InlineData("1|1|tcp|localhost:1234|grpc", "127.0.0.1:1234")]
    public void A_line_says_where_the_plugin_listens(string line, string address) => Assert.Equal(address, Handshake.Parse(line).EndPoint.ToString());

    [Theory]
    [InlineData("", "found \"\"")]
    [InlineData("hello, world", "hello, world")]
    [InlineData("1|1|unix", "1|1|unix")]
    [InlineData("2|1|unix|/tmp/x|grpc", "handshake's version is \"2\"")]
    [InlineData("1|2|unix|/tmp/x|grpc", "service's version is \"2\"")]
    [InlineData("x|1|unix|/tmp/x|grpc", "\"x\"")]
    [InlineData("+1|1|unix|/tmp/x|grpc", "\"+1\"")]
    [InlineData("1|1|udp|/tmp/x|grpc", "\"udp\"")]
    [InlineData("1|1|unix|/tmp/x", "netrpc")]
    [InlineData("1|1|unix|/tmp/x|netrpc", "netrpc")]
    [InlineData("1|1|unix||grpc", "not the path")]
    [InlineData("1|1|tcp|127.0.0.1|grpc", "not ip:port")]
    [InlineData("1|1|tcp|127.0.0.1:0|grpc", "not ip:port")]
    [InlineData("1|1|tcp|example.org:80|grpc", "not ip:port")]
    [InlineData("1|1|tcp|127.0.0.1:99999|grpc", "not ip:port")]
    [InlineData("1|1|unix|/tmp/x|grpc||true", "multiplexes")]
    [InlineData("1|1|unix|/tmp/x|grpc|MIIBbase64base64base64base64base64base64base64base64base64base64", "TLS")]
    public void Any_other_line_is_refused_with_what_is_wrong_with_it(string line, string message)
        => Assert.Contains(message, Assert.Throws<FormatException>(() => Handshake.Parse(line)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("echo garbage; exec sleep 1000", "first line is no handshake: wanted 1|1|tcp or unix|ADDRESS|grpc, found \"garbage\"")]
    [InlineData("head -c 100000 /dev/zero | tr '\\0' x; exec sleep 1000", "first line is no handshake")]
    [InlineData("head -c 300000 /dev/urandom; exec sleep 1000", "first line is no handshake")]
    [InlineData("echo; echo '1|1|unix|/tmp/x|grpc'; exec sleep 1000", "found \"\"")]
    [InlineData("exit 0", "it ended with exit code 0 before it said where it listens")]
    [InlineData("echo 'out of luck' >&2; exit 5", "it ended with exit code 5 before it said where it listens: out of luck")]
    [InlineData("kill -9 $$", "it ended with exit code 137")]
    [InlineData("printf '1|1|unix|/tmp/x'; exit 1", "speaks \"netrpc\"")]
    [InlineData("echo '1|1|unix|/nowhere/at/all|grpc'; exec sleep 1000", "was not ready within 6000 ms (start_timeout): it said that it listens at /nowhere/at/all, where it cannot be called: ")]
    [InlineData("echo '1|1|tcp|127.0.0.1:1|grpc'; exec sleep 1000", "was not ready within 6000 ms (start_timeout): it said that it listens at 127.0.0.1:1, where it cannot be called: ")]
    [InlineData("exec sleep 1000", "was not ready within 700 ms (start_timeout): it did not say where it listens")]
    [InlineData("echo '1|1|tcp|127.0.0.1:1|grpc'; exit 0", "it ended with exit code 0 before it could be called")]
    public async Task A_process_that_is_no_plugin_is_reported_and_ended(string script, string message)
    {
        using var folder = new PluginFolder().WithScript("stranger", script);
        await using var plugins = new TestPlugins(folder);

        // What a shell takes to begin, and to say what it says, is not what is looked at.
        string timeout = message.Contains("700 ms", StringComparison.Ordinal) ? "700ms" : message.Contains("6000 ms", StringComparison.Ordinal) ? "6s" : "20s";
        await plugins.UseAsync("stranger", settings: $", \"start_timeout\": \"{timeout}\", \"crash_limit\": 1");

        Assert.Contains("plugin 'stranger' cannot start: ", plugins.Log, StringComparison.Ordinal);
        Assert.Contains(message, plugins.Log, StringComparison.Ordinal);
        await Eventually.HoldsAsync(() => PluginFolder.ProcessesWith(folder.Path).Count == 0);
    }

    [Fact]
    public void Timeouts_are_written_as_gRPC_wants_them_and_read_again()
    {
        Assert.Equal("1u", GrpcTimeout.Format(TimeSpan.FromTicks(1)));
        Assert.Equal("1000000u", GrpcTimeout.Format(TimeSpan.FromSeconds(1)));
        Assert.Equal("3600000m", GrpcTimeout.Format(TimeSpan.FromHours(1)));
        Assert.Equal("8640000S", GrpcTimeout.Format(TimeSpan.FromDays(100)));
        foreach (string text in new[] { "", "u", "1", "123456789u", "-1u", "1x", " 1u" })
        {
            Assert.False(GrpcTimeout.TryParse(text, out _), text);
        }

        Assert.True(GrpcTimeout.TryParse("1500m", out var time));
        Assert.Equal(TimeSpan.FromSeconds(1.5), time);
    }
}
