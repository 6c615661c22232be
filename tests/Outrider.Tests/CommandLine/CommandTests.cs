using Outrider.Tests.Harness;

namespace Outrider.Tests.CommandLine;

public sealed class CommandTests
{
    [Fact]
    public async Task Check_says_yes_to_the_sample()
    {
        using var sample = new SampleCopy(1);

        var (code, output, error) = await OutriderProcess.RunAsync("check", "-c", sample.File);

        Assert.Equal(0, code);
        Assert.Equal($"{sample.File}: ok\n", output);
        Assert.Equal("", error);
    }

    [Theory]
    [InlineData("\"cluster_name\": \"upstream\"", "\"cluster_name\": 7", "cluster_name")]
    [InlineData("\"User\": \"admin\"", "\"User\": 7", "servers[0].listeners[0].stream_filters[0].config.User")]
    [InlineData("\"User\": \"admin\"", "\"not a token\": \"x\"", "servers[0].listeners[0].stream_filters[0].config")]
    [InlineData("\"type\": \"demo\"", "\"type\": \"unheard-of\"", "servers[0].listeners[0].stream_filters[0].type")]
    [InlineData("\"domains\": [\"*\"],", "\"domains\": [\"*\"]", "")]
    public async Task A_mistake_is_a_line_that_says_where(string before, string after, string path)
    {
        using var sample = new SampleCopy(1);
        sample.Edit(before, after);

        foreach (string command in new[] { "check", "start" })
        {
            var (code, _, error) = await OutriderProcess.RunAsync(command, "-c", sample.File);

            Assert.Equal(1, code);
            // A line for each mistake; one may be the consequence of another.
            string[] lines = error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.All(lines, line => Assert.Matches($@"^outrider: {System.Text.RegularExpressions.Regex.Escape(sample.File)}:\d+:\d+: ", line));
            Assert.Contains(path, lines[0], StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_unknown_filter_is_told_which_there_are()
    {
        using var sample = new SampleCopy(1);
        sample.Edit("\"type\": \"demo\"", "\"type\": \"unheard-of\"");

        var (_, _, error) = await OutriderProcess.RunAsync("check", "-c", sample.File);

        Assert.Contains("'unheard-of'", error, StringComparison.Ordinal);
        Assert.Contains("demo", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_extension_that_is_missing_or_none_is_named_with_its_place()
    {
        using var sample = new SampleCopy(1);
        sample.Edit("\"servers\": [", "\"extensions\": [\"missing.dll\", \"mosn.json\"], \"servers\": [");

        var (code, _, error) = await OutriderProcess.RunAsync("check", "-c", sample.File);

        Assert.Equal(1, code);
        Assert.Contains("extensions[0]", error, StringComparison.Ordinal);
        Assert.Contains("missing.dll", error, StringComparison.Ordinal);
        Assert.Contains("extensions[1]", error, StringComparison.Ordinal);
        Assert.Contains("not a .NET assembly", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Version_and_help_are_told()
    {
        var (code, output, _) = await OutriderProcess.RunAsync("version");
        Assert.Equal(0, code);
        Assert.Matches(@"^outrider version: \d+\.\d+\.\d+\n$", output);

        foreach (string[] arguments in new[] { ["help"], Array.Empty<string>() })
        {
            (code, output, _) = await OutriderProcess.RunAsync(arguments);
            Assert.Equal(0, code);
            Assert.All(new[] { "demo", "start -c", "check -c", "echo --listen", "version" }, word => Assert.Contains(word, output, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("no command 'strat'", "strat")]
    [InlineData("--colour", "start", "-c", "x.json", "--colour", "red")]
    [InlineData("-c", "start")]
    [InlineData("-c", "check", "-c")]
    [InlineData("yes or no", "start", "-c", "x.json", "--warm-up", "perhaps")]
    [InlineData("more than once", "check", "-c", "a", "--config", "b")]
    [InlineData("'x.json' is not an option", "check", "x.json")]
    [InlineData("--listen", "echo", "--listen", "nowhere")]
    public async Task A_command_line_that_cannot_be_understood_is_one_line_and_exit_code_1(string mention, params string[] arguments)
    {
        var (code, _, error) = await OutriderProcess.RunAsync(arguments);

        StartTests.AssertOneLine(code, error, mention);
    }

    [Fact]
    public async Task Echo_shows_the_request_that_it_got()
    {
        int port = OutriderProcess.FreePort();
        using var echo = OutriderProcess.Start("echo", "--listen", $"127.0.0.1:{port}", "--name", "s1");
        await echo.ListensAsync(port);

        string response = await RawClient.ExchangeAsync(port, "POST /a?b HTTP/1.1\r\nhost: x\r\nx-y: z\r\ncontent-length: 4\r\nconnection: close\r\n\r\nbody");
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", response, StringComparison.Ordinal);
        Assert.Contains("hello from s1\n\nPOST /a?b HTTP/1.1\nhost: x\nx-y: z\n", response, StringComparison.Ordinal);
        Assert.EndsWith("\nbody\n", response, StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 503 ", await RawClient.ExchangeAsync(port, "GET /status/503 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"), StringComparison.Ordinal);

        echo.Signal(System.Runtime.InteropServices.PosixSignal.SIGTERM);
        Assert.Equal(0, await echo.ExitAsync());
    }
}
