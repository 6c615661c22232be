using System.Globalization;
using Outrider.Filters;
using Outrider.Plugins.Protocol;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Plugins;

public sealed class SupervisionTests : IAsyncLifetime
{
    private readonly PluginFolder _folder = new PluginFolder().WithObedient();
    private readonly TestPlugins _plugins;

    public SupervisionTests() => _plugins = new TestPlugins(_folder);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _plugins.DisposeAsync();
        await Eventually.HoldsAsync(() => PluginFolder.ProcessesWith(_folder.Path).Count == 0);
        _folder.Dispose();
    }

    [Fact]
    public async Task A_plugin_learns_what_go_plugin_and_MOSN_tell_and_its_arguments_as_they_are()
    {
        var plugin = await _plugins.UseAsync("obedient", new PluginOptions { Arguments = ["a b", "$HOME", "*", ""] }, """, "log_base": "/var/log/x" """);

        string[] lines = (await plugin.DoAsync("environment")).Text().Split('\n');

        Assert.Equal(["a b", "$HOME", "*", "", "cwd=" + _folder.Path], lines[..5]);
        Assert.Contains("MOSN_PLUGIN=ON", lines);
        Assert.Contains("MOSN_PROCS=1", lines);
        Assert.Contains("MOSN_LOGBASE=/var/log/x/", lines);
        Assert.Contains("PLUGIN_PROTOCOL_VERSIONS=1", lines);
        Assert.Contains("PLUGIN_MIN_PORT=10000", lines);
        Assert.Contains("PLUGIN_MAX_PORT=25000", lines);
    }

    [Theory]
    [InlineData("--unix")]
    [InlineData("--tcp")]
    public async Task A_request_and_its_answer_carry_everything(string network)
    {
        var plugin = await _plugins.UseAsync("obedient", new PluginOptions { Arguments = [network] });
        byte[] body = TestBytes.Make(100_000);
        var request = new PluginRequest { Type = "echo", Header = { ["A"] = "1", ["B"] = "zwei\u00e4\u4e2d" }, Trailer = { ["T"] = "" }, Body = body };

        var response = await plugin.CallAsync(request, PluginCalls.Patience);

        Assert.Equal(request.Header, response.Header);
        Assert.Equal(request.Trailer, response.Trailer);
        Assert.Equal(TestBytes.Digest(body), TestBytes.Digest(response.Body.Span));
        Assert.Equal(0, response.Status);
        Assert.Equal(-7, (await plugin.DoAsync("status -7")).Status);
    }

    [Fact]
    public async Task What_a_plugin_prints_stands_in_the_log_under_its_name()
    {
        var plugin = await _plugins.UseAsync("obedient");
        int pid = await plugin.PidAsync();

        await plugin.DoAsync("print moin");

        await Eventually.HoldsAsync(() => _plugins.Log.Contains($"Info: plugin obedient[{pid}]: out: moin", StringComparison.Ordinal));
        await Eventually.HoldsAsync(() => _plugins.Log.Contains($"Warn: plugin obedient[{pid}]: error: moin", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_a_plugin_prints_cannot_hide_or_turn_round_what_else_stands_in_the_log()
    {
        var plugin = await _plugins.UseAsync("obedient");

        await plugin.DoAsync("print a\u202eb\u2028c\u001b[2Jd\u009be\u2066f\tg\u007f ü");

        const string Visible = "error: a\\xe2\\x80\\xaeb\\xe2\\x80\\xa8c\\x1b[2Jd\\xc2\\x9be\\xe2\\x81\\xa6f\\x09g\\x7f ü";
        await Eventually.HoldsAsync(() => _plugins.Log.Contains(Visible, StringComparison.Ordinal));
        Assert.DoesNotContain('\u202e', _plugins.Log);
        Assert.DoesNotContain('\u001b', _plugins.Log);
    }

    [Fact]
    public async Task A_plugin_inherits_what_the_configuration_names_of_the_environment_and_no_more()
    {
        Environment.SetEnvironmentVariable("OUTRIDER_TEST_SECRET", "s3cret");
        Environment.SetEnvironmentVariable("OUTRIDER_TEST_OTHER", "other");
        string[] lines = (await (await _plugins.UseAsync("obedient")).DoAsync("environment")).Text().Split('\n');
        Assert.Contains($"PATH={Environment.GetEnvironmentVariable("PATH")}", lines);
        Assert.DoesNotContain(lines, line => line.StartsWith("OUTRIDER_TEST_", StringComparison.Ordinal));

        string names = """, "environment": ["PATH", "HOME", "DOTNET_ROOT*", "OUTRIDER_TEST_OTHER"]""";
        lines = (await (await _plugins.UseAsync("obedient", settings: names)).DoAsync("environment")).Text().Split('\n');
        Assert.Contains("OUTRIDER_TEST_OTHER=other", lines);
        Assert.DoesNotContain("OUTRIDER_TEST_SECRET=s3cret", lines);

        lines = (await (await _plugins.UseAsync("obedient", settings: """, "environment": ["*"]""")).DoAsync("environment")).Text().Split('\n');
        Assert.Contains("OUTRIDER_TEST_OTHER=other", lines);
        Assert.Contains("OUTRIDER_TEST_SECRET=s3cret", lines);
    }

    [Fact]
    public async Task A_plugin_that_crashes_starts_again()
    {
        var plugin = await _plugins.UseAsync("obedient");
        int before = await plugin.PidAsync();

        Assert.Equal(PluginFailure.Unavailable, (await plugin.DoAsync("exit").FailureAsync()).Failure);

        Assert.NotEqual(before, await plugin.PidAsync());
        Assert.Contains($"process {before} ended with exit code 137", _plugins.Log, StringComparison.Ordinal);
        Assert.False(PluginFolder.Runs(before));
    }

    [Fact]
    public async Task A_plugin_that_hangs_is_killed_and_starts_again()
    {
        var plugin = await _plugins.UseAsync("obedient", settings: ", \"hang_timeout\": \"2s\"");
        int before = await plugin.PidAsync();
        PluginFolder.Freeze(before);

        while (PluginFolder.Runs(before))
        {
            await Task.WhenAny(plugin.DoAsync("pid", TimeSpan.FromMilliseconds(50))).SoonAsync();
        }

        Assert.NotEqual(before, await plugin.PidAsync());
        Assert.Contains($"process {before}) hangs", _plugins.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plugin_that_is_slow_but_well_is_left_alone()
    {
        var plugin = await _plugins.UseAsync("obedient", settings: ", \"hang_timeout\": \"2s\"");
        int before = await plugin.PidAsync();

        while (!_plugins.Log.Contains("says that it is well", StringComparison.Ordinal))
        {
            await plugin.DoAsync("delay 30000", TimeSpan.FromMilliseconds(30)).FailureAsync().SoonAsync();
        }

        Assert.Equal(before, await plugin.PidAsync());
    }

    [Fact]
    public async Task What_a_plugin_has_started_ends_with_it()
    {
        var plugin = await _plugins.UseAsync("obedient");
        int child = int.Parse((await plugin.DoAsync("child")).Text(), CultureInfo.InvariantCulture);
        Assert.True(PluginFolder.Runs(child));

        await plugin.DoAsync("exit").FailureAsync();

        await Eventually.HoldsAsync(() => !PluginFolder.Runs(child));
    }

    [Fact]
    public async Task A_crash_loop_is_reported_and_ends_with_the_plugin_disabled()
    {
        _folder.WithScript("sick", "echo 'no luck' >&2; exit 3");
        var plugin = await _plugins.UseAsync("sick", settings: ", \"crash_limit\": 4");

        await Eventually.HoldsAsync(() => _plugins.Log.Contains("is disabled", StringComparison.Ordinal));

        string log = _plugins.Log;
        Assert.True(log.Split("cannot start: it ended with exit code 3").Length == 5, log);
        Assert.Contains("starts again in 10 ms", log, StringComparison.Ordinal);
        Assert.Contains("starts again in 20 ms", log, StringComparison.Ordinal);
        Assert.Contains("starts again in 40 ms", log, StringComparison.Ordinal);
        Assert.Contains("Error: plugin 'sick' is disabled: it ended 4 times in a row", log, StringComparison.Ordinal);
        Assert.Contains("no luck", log, StringComparison.Ordinal);
        Assert.Equal("200 name:sick,enable:false,on:false\n", await _plugins.AdminAsync("status", "sick"));
        var failure = await plugin.DoAsync("").FailureAsync();
        Assert.Equal(PluginFailure.Unavailable, failure.Failure);
        Assert.Contains("disabled", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_stopped_in_a_crash_loop_is_tried_again_by_the_next_configuration()
    {
        string marker = _folder.FileOf("marker");
        var options = new PluginOptions { Arguments = ["--fail-unless", marker] };
        await _plugins.UseAsync("obedient", options, ", \"crash_limit\": 2");
        await Eventually.HoldsAsync(() => _plugins.Log.Contains("is disabled", StringComparison.Ordinal));
        await File.WriteAllTextAsync(marker, "");

        var plugin = await _plugins.UseAsync("obedient", options, ", \"crash_limit\": 2");

        await Eventually.HoldsAsync(() => _plugins.Host.Find("obedient")!.IsOn);
        Assert.True(await plugin.PidAsync() > 0);
    }

    [Fact]
    public async Task Calls_wait_for_a_plugin_that_starts_slowly()
    {
        var generation = _plugins.Begin();
        var plugin = generation.Register("obedient", new PluginOptions { Arguments = ["--slow", "500"] });
        var started = generation.StartAsync();

        var calls = Enumerable.Range(0, 20).Select(_ => plugin.DoAsync("pid")).ToList();

        Assert.Single((await Task.WhenAll(calls)).Select(response => response.Text()).Distinct());
        await started;
        generation.Use();
    }

    [Fact]
    public async Task Calls_wait_no_longer_than_their_time()
    {
        var generation = _plugins.Begin();
        var plugin = generation.Register("obedient", new PluginOptions { Arguments = ["--slow", "3000"] });
        var started = generation.StartAsync();

        Assert.Equal(PluginFailure.Unavailable, (await plugin.DoAsync("pid", TimeSpan.FromMilliseconds(100)).FailureAsync()).Failure);

        generation.Drop();
        await started;
    }

    [Fact]
    public async Task A_plugin_that_is_not_ready_in_time_is_killed()
    {
        _folder.WithScript("mute", "exec sleep 1000");

        await _plugins.UseAsync("mute", settings: ", \"start_timeout\": \"200ms\", \"crash_limit\": 1");

        Assert.Contains("plugin 'mute' cannot start: it was not ready within 200 ms (start_timeout)", _plugins.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plugin_that_does_not_end_is_killed_after_its_time()
    {
        _folder.WithScript("stubborn", $"trap '' TERM; PLUGIN_MIN_PORT= \"{PluginFolder.Obedient}\" & while :; do sleep 1000; done");
        await _plugins.UseAsync("stubborn", settings: ", \"stop_timeout\": \"300ms\"");
        Assert.True(_plugins.Host.Find("stubborn")!.IsOn);

        await _plugins.AdminAsync("disable", "stubborn");

        Assert.Contains("did not end within 300 ms; killed", _plugins.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Several_processes_share_the_calls_and_know_how_many_they_are()
    {
        var plugin = await _plugins.UseAsync("obedient", new PluginOptions { MaxProcs = 3 });

        var pids = new HashSet<int>();
        for (int i = 0; i < 12; i++)
        {
            pids.Add(await plugin.PidAsync());
        }

        Assert.Equal(3, pids.Count);
        Assert.Contains("MOSN_PROCS=3", (await plugin.DoAsync("environment")).Text(), StringComparison.Ordinal);
        // One that crashes leaves the work to the others.
        await plugin.DoAsync("exit").FailureAsync();
        Assert.Equal(-1, (await plugin.DoAsync("status -1")).Status);
        await Eventually.HoldsAsync(() => _plugins.Host.Find("obedient")!.Processes.Count == 3);
    }

    [Fact]
    public async Task A_plugin_is_switched_off_and_on_with_MOSNs_answers()
    {
        var plugin = await _plugins.UseAsync("obedient");
        int before = await plugin.PidAsync();

        Assert.Equal("200 name:obedient,enable:true,on:true\n\n", await _plugins.AdminAsync("status", "all"));
        Assert.Equal("200 disable obedient success\n", await _plugins.AdminAsync("disable", "obedient"));
        Assert.False(PluginFolder.Runs(before));
        Assert.Equal("200 name:obedient,enable:false,on:false\n", await _plugins.AdminAsync("status", "obedient"));
        Assert.Equal(PluginFailure.Unavailable, (await plugin.DoAsync("pid").FailureAsync()).Failure);
        Assert.Equal("200 enable obedient success\n", await _plugins.AdminAsync("enable", "obedient"));
        Assert.NotEqual(before, await plugin.PidAsync());
        Assert.Equal("400 plugin nope no register\n", await _plugins.AdminAsync("status", "nope"));
        Assert.Equal("400 plugin nope no register\n", await _plugins.AdminAsync("enable", "nope"));
        Assert.Equal("400 plugin nope no register\n", await _plugins.AdminAsync("disable", "nope"));
        Assert.StartsWith("400 Usage:\n", await _plugins.AdminAsync("x", "y"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_who_name_a_plugin_share_its_processes_but_not_their_limits()
    {
        var generation = _plugins.Begin();
        var one = generation.Register("obedient", new PluginOptions { MaxInFlight = 1 });
        var others = Enumerable.Range(0, 50).Select(_ => generation.Register("obedient")).ToList();
        await generation.StartAsync();
        generation.Use();

        var slow = one.DoAsync("delay 3000");
        Assert.Equal(PluginFailure.Overloaded, (await one.DoAsync("pid").FailureAsync()).Failure);
        int[] pids = await Task.WhenAll(others.Select(plugin => plugin.PidAsync()));
        await slow;

        Assert.Single(pids.Distinct());
        var e = Assert.Throws<FilterConfigurationException>(() => generation.Register("obedient", new PluginOptions { Arguments = ["x"] }));
        Assert.Equal("$.args", e.Path);
    }

    [Fact]
    public async Task Another_configuration_keeps_what_is_the_same_and_replaces_what_is_not()
    {
        int first = await (await _plugins.UseAsync("obedient")).PidAsync();
        Assert.Equal(first, await (await _plugins.UseAsync("obedient")).PidAsync());

        var before = await _plugins.UseAsync("obedient");
        var slow = before.DoAsync("delay 400");
        int second = await (await _plugins.UseAsync("obedient", new PluginOptions { Arguments = ["other"] })).PidAsync();

        Assert.NotEqual(first, second);
        await slow;
        await Eventually.HoldsAsync(() => !PluginFolder.Runs(first));
        Assert.True(PluginFolder.Runs(second));
    }

    [Fact]
    public async Task A_configuration_that_was_refused_leaves_nothing_behind()
    {
        int first = await (await _plugins.UseAsync("obedient")).PidAsync();
        var refused = _plugins.Begin();
        var plugin = refused.Register("obedient", new PluginOptions { Arguments = ["other"] });
        await refused.StartAsync();
        int second = await plugin.PidAsync();

        refused.Drop();

        await Eventually.HoldsAsync(() => !PluginFolder.Runs(second));
        Assert.True(PluginFolder.Runs(first));
    }

    [Fact]
    public void A_name_that_is_no_executable_is_an_error_that_says_where_it_was_looked_for()
    {
        File.WriteAllText(_folder.FileOf("text"), "");
        var generation = _plugins.Begin();
        foreach (var (name, words) in new[] { ("nope", $"there is no plugin 'nope' in {_folder.Path}"), ("text", "is not executable"), ("../obedient", "not the name of a file"), ("", "not the name of a file") })
        {
            var e = Assert.Throws<FilterConfigurationException>(() => generation.Register(name));
            Assert.Equal("$.plugin", e.Path);
            Assert.Contains(words, e.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Sockets_are_gone_with_their_plugins()
    {
        var plugin = await _plugins.UseAsync("obedient");
        string folder = (await plugin.DoAsync("environment")).Text().Split('\n').Single(line => line.StartsWith(PluginEnvironment.SocketFolder + "=", StringComparison.Ordinal)).Split('=')[1];
        Assert.Single(Directory.GetFiles(folder, "plugin*"));
        await plugin.DoAsync("exit").FailureAsync();
        await plugin.PidAsync();
        Assert.Single(Directory.GetFiles(folder, "plugin*"));

        await _plugins.DisposeAsync();

        Assert.False(Directory.Exists(folder));
    }
}
