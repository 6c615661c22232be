using System.Runtime.InteropServices;
using Outrider.Tests.Harness;

namespace Outrider.Tests.CommandLine;

public sealed partial class CheckTests
{
    [Theory]
    [InlineData("start")]
    [InlineData("check")]
    public async Task All_that_is_wrong_is_told_in_one_run_in_the_order_of_the_file(string command)
    {
        using var sample = new SampleCopy(1);
        sample.Write("""
            {
              "pid": "/nowhere/at/all.pid",
              "extensions": ["missing.dll"],
              "servers": [{
                "default_log_path": "/dev/null/log",
                "routers": [{ "router_config_name": "r", "virtual_hosts": [{ "name": "v", "domains": ["*"], "routers": [{ "match": { "prefix": 7 }, "route": { "cluster_name": "c" } }] }] }],
                "listeners": [{
                  "name": "broken", "address": "no address", "bind_port": true,
                  "stream_filters": [{ "type": "unheard-of" }],
                  "access_logs": [{ "log_path": "/", "log_format": "%response_code%" }],
                  "filter_chains": [{
                    "tls_context": { "status": true, "cert_chain": "/nowhere/chain.pem", "private_key": "/nowhere/key.pem" },
                    "filters": [{ "type": "proxy", "config": { "router_config_name": "r" } }]
                  }]
                }, {
                  "name": "elsewhere", "address": "192.0.2.1:4711", "bind_port": true,
                  "stream_filters": [{ "type": "demo", "config": { "User": 7 } }],
                  "filter_chains": [{ "filters": [{ "type": "proxy", "config": { "router_config_name": "none" } }] }]
                }]
              }],
              "admin": { "handlers": ["unheard-of-page"], "address": { "socket_address": { "address": "127.0.0.1", "port_value": 0 } } },
              "cluster_manager": { "clusters": [{ "name": "c", "type": "SIMPLE", "lb_type": "LB_UNHEARD_OF", "hosts": [{ "address": "127.0.0.1:1" }] }] }
            }
            """);

        var (code, _, error) = await OutriderProcess.RunAsync(command, "-c", sample.File);

        Assert.Equal(1, code);
        Assert.All(
            new[]
            {
                "pid: cannot write the pid file", "extensions[0]: there is no file", "default_log_path: cannot open the log file", "match.prefix: ", "listeners[0].address: ",
                "'unheard-of'", "listeners[0].access_logs[0].log_path: ", "/nowhere/chain.pem does not exist", "no address 192.0.2.1", "stream_filters[0].config.User: ", "router_config_name: ",
                "'unheard-of-page'", "lb_type: ",
            },
            expected => Assert.Contains(expected, error, StringComparison.Ordinal));
        int[] lines = [.. error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !line.Contains(": warning: ", StringComparison.Ordinal)).Select(line => int.Parse(line[("outrider: ".Length + sample.File.Length + 1)..].Split(':')[0], System.Globalization.CultureInfo.InvariantCulture))];
        Assert.Equal(lines.Order(), lines);
    }

    [Theory]
    [InlineData("start")]
    [InlineData("check")]
    public async Task What_several_parts_refuse_is_told_in_one_run(string command)
    {
        using var sample = new SampleCopy(1);
        // Each is found by another part, and the file itself reads well.
        sample.Edit("\"default_log_path\": \"stdout\"", "\"default_log_path\": \"/dev/null/log\"");
        sample.Edit("\"User\": \"admin\"", "\"User\": 7");
        sample.Edit("\"filter_chains\": [\n            {", "\"filter_chains\": [\n            { \"tls_context\": { \"status\": true, \"cert_chain\": \"/nowhere/chain.pem\", \"private_key\": \"/nowhere/key.pem\" },");

        var (code, error) = await RunAsync(command, sample.File);

        Assert.Equal(1, code);
        Assert.Equal(3, error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.All(
            new[] { "default_log_path: cannot open the log file", "/nowhere/chain.pem does not exist", "stream_filters[0].config.User: " },
            expected => Assert.Contains(expected, error, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("start")]
    [InlineData("check")]
    public async Task A_listener_that_is_not_bound_is_looked_at_like_the_others(string command)
    {
        using var sample = new SampleCopy(1);
        sample.Edit("\"bind_port\": true", "\"bind_port\": false, \"access_logs\": [{ \"log_path\": \"/\", \"log_format\": \"%response_code%\" }]");
        sample.Edit("\"User\": \"admin\"", "\"User\": 7");
        sample.Edit("\"filter_chains\": [\n            {", "\"filter_chains\": [\n            { \"tls_context\": { \"status\": true, \"cert_chain\": \"/nowhere/chain.pem\", \"private_key\": \"/nowhere/key.pem\" },");

        var (code, error) = await RunAsync(command, sample.File);

        Assert.Equal(1, code);
        Assert.All(
            new[] { "listeners[0].access_logs[0].log_path: ", "/nowhere/chain.pem does not exist", "stream_filters[0].config.User: " },
            expected => Assert.Contains(error.Split('\n'), line => line.StartsWith($"outrider: {sample.File}:", StringComparison.Ordinal) && line.Contains(expected, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_reload_logs_all_that_is_wrong()
    {
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        using var sample = new SampleCopy(upstream.Port);
        using var proxy = OutriderProcess.Start("start", "-c", sample.File, "--warm-up", "no");
        await proxy.ListensAsync(sample.Port);

        sample.Edit("\"User\": \"admin\"", "\"User\": 7");
        sample.Edit("\"filter_chains\": [\n            {", "\"filter_chains\": [\n            { \"tls_context\": { \"status\": true, \"cert_chain\": \"/nowhere/chain.pem\", \"private_key\": \"/nowhere/key.pem\" },");
        sample.Edit("\"servers\": [", "\"extensions\": [\"missing.dll\"], \"servers\": [");
        proxy.Signal(PosixSignal.SIGHUP);
        await Eventually.HoldsAsync(() => proxy.Out.Contains("the one in force stays", StringComparison.Ordinal));

        Assert.All(
            new[] { "extensions[0]: there is no file", "/nowhere/chain.pem does not exist", "stream_filters[0].config.User: " },
            expected => Assert.Contains(expected, proxy.Out, StringComparison.Ordinal));
        Assert.StartsWith("HTTP/1.1 200 ", await RawClient.ExchangeAsync(sample.Port, "GET / HTTP/1.1\r\nhost: a\r\nuser: admin\r\nconnection: close\r\n\r\n"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("start")]
    [InlineData("check")]
    public async Task What_is_no_plain_file_is_refused_and_not_read(string command)
    {
        using var sample = new SampleCopy(1);
        string pipe = Pipe(sample, "pipe");

        StartTests.AssertOneLine(await RunAsync(command, "/dev/zero"), "/dev/zero: is a device");
        StartTests.AssertOneLine(await RunAsync(command, pipe), "is a pipe");

        sample.Edit("\"filter_chains\": [\n            {", $"\"filter_chains\": [\n            {{ \"tls_context\": {{ \"status\": true, \"cert_chain\": \"{pipe}\", \"private_key\": \"/dev/zero\" }},");
        StartTests.AssertOneLine(await RunAsync(command, sample.File), "pipe is a pipe");
        sample.Edit($"\"cert_chain\": \"{pipe}\"", "\"cert_chain\": \"/dev/zero\"");
        StartTests.AssertOneLine(await RunAsync(command, sample.File), "/dev/zero is a device");
        sample.Edit("\"status\": true", "\"status\": false");
        sample.Edit("\"servers\": [", $"\"extensions\": [\"{pipe}\"], \"servers\": [");
        StartTests.AssertOneLine(await RunAsync(command, sample.File), "is a pipe");
        sample.Edit($"\"extensions\": [\"{pipe}\"]", $"\"pid\": \"{pipe}\"");
        StartTests.AssertOneLine(await RunAsync(command, sample.File), "is a pipe");
    }

    [Fact]
    public async Task A_pipe_as_log_holds_nothing_up_whether_it_is_read_or_not()
    {
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        using var sample = new SampleCopy(upstream.Port);
        string pipe = Pipe(sample, "log");
        sample.Edit("\"default_log_path\": \"stdout\"", $"\"default_log_path\": \"{pipe}\"");
        using var proxy = OutriderProcess.Start("start", "-c", sample.File, "--warm-up", "no");
        await proxy.ListensAsync(sample.Port);

        using (var reader = new StreamReader(new FileStream(pipe, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite)))
        {
            Assert.Contains("[INFO] outrider ", await reader.ReadLineAsync(), StringComparison.Ordinal);
        }

        proxy.Signal(PosixSignal.SIGTERM);
        Assert.Equal(0, await proxy.ExitAsync());
    }

    [Fact]
    public async Task Pipes_as_logs_that_nobody_reads_hold_up_no_start_no_request_and_no_end()
    {
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        using var sample = new SampleCopy(upstream.Port);
        sample.Edit("\"default_log_path\": \"stdout\"", $"\"default_log_path\": \"{Pipe(sample, "log")}\"");
        sample.Edit("\"bind_port\": true", $"\"bind_port\": true, \"access_logs\": [{{ \"log_path\": \"{Pipe(sample, "access")}\" }}]");
        Assert.Equal((0, ""), await RunAsync("check", sample.File));
        using var proxy = OutriderProcess.Start("start", "-c", sample.File, "--warm-up", "no");
        await proxy.ListensAsync(sample.Port);

        // Lines of 4 KiB: many times the 64 KiB that a pipe holds (pipe(7)), and more than the queue before it.
        using var client = await RawClient.ConnectAsync(sample.Port);
        for (int i = 0; i < 200; i++)
        {
            await client.SendAsync($"GET /{new string('a', 4000)} HTTP/1.1\r\nhost: a\r\nuser: admin\r\n\r\n");
            Assert.StartsWith("HTTP/1.1 200 ", await client.ReadResponseAsync(), StringComparison.Ordinal);
        }

        proxy.Signal(PosixSignal.SIGHUP);
        proxy.Signal((PosixSignal)10);
        proxy.Signal(PosixSignal.SIGTERM);
        Assert.Equal(0, await proxy.ExitAsync());
        Assert.Equal("", proxy.Error);
    }

    [Fact]
    public async Task Forbidding_what_the_proxy_does_not_do_is_no_warning()
    {
        using var sample = new SampleCopy(1);
        sample.Edit("\"servers\": [", "\"disable_upgrade\": true, \"servers\": [");
        sample.Edit("\"bind_port\": true", "\"bind_port\": true, \"reuseport\": true");

        var (code, output, error) = await OutriderProcess.RunAsync("check", "-c", sample.File);

        Assert.Equal((0, $"{sample.File}: ok\n", ""), (code, output, error));
    }

    [Theory]
    [InlineData("start", "--warm-up")]
    [InlineData("check", "--config")]
    [InlineData("echo", "--listen")]
    [InlineData("demo", "--help")]
    [InlineData("version", "--help")]
    public async Task Help_works_behind_every_command(string command, string mention)
    {
        var (code, output, error) = await OutriderProcess.RunAsync(command, "--help");

        Assert.Equal((0, ""), (code, error));
        Assert.Contains("outrider " + command, output, StringComparison.Ordinal);
        Assert.Contains(mention, output, StringComparison.Ordinal);
        Assert.Equal(output, (await OutriderProcess.RunAsync("help", command)).Out);
    }

    [Fact]
    public async Task The_start_line_names_version_loops_listeners_and_admin_address()
    {
        using var sample = new SampleCopy(1);
        sample.Edit("\"default_log_path\": \"stdout\"", "\"default_log_path\": \"stdout\", \"processor\": 3");
        using var proxy = OutriderProcess.Start("start", "-c", sample.File, "--warm-up", "no");
        await proxy.ListensAsync(sample.Port);

        await Eventually.HoldsAsync(() => proxy.Out.Contains("admin on", StringComparison.Ordinal));
        Assert.Matches($@"\[INFO\] outrider \d+\.\d+\.\d+ runs with 3 loops, listener '[^']+' on 127\.0\.0\.1:{sample.Port}, admin on 127\.0\.0\.1:{sample.AdminPort}\n", proxy.Out);
    }

    private static async Task<(int Code, string Error)> RunAsync(string command, string file)
    {
        var (code, _, error) = await OutriderProcess.RunAsync(command, "-c", file);
        return (code, error);
    }

    private static string Pipe(SampleCopy sample, string name)
    {
        string path = Path.Combine(sample.Folder, name);
        Assert.Equal(0, MakePipe(path, 0x180));
        return path;
    }

    [LibraryImport("libc", EntryPoint = "mkfifo", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakePipe(string path, uint mode);
}
