using Outrider.Plugins.Modules.Linking;
using Outrider.Tests.Envoy;
using Outrider.Tests.Harness;
using Outrider.Tests.Modules;

namespace Outrider.Tests.Nginx;

/// <summary>Modules and their configurations in nginx: what is refused, what is tried again, what a reload takes.</summary>
[Collection(NginxCollection.Name)]
public sealed class LoadingTests(NginxModule modules)
{
    private string Every => modules.Place(BuiltModule.Every);

    [NginxFact]
    public async Task Every_callback_of_Envoy_is_exported()
    {
        var (code, symbols) = await EnvoyModules.RunAsync("nm", ["-D", "--defined-only", await modules.BuiltAsync()]);
        Assert.Equal(0, code);
        var exported = symbols.Split('\n').Select(line => line.Split(' ')[^1]).ToHashSet(StringComparer.Ordinal);
        Assert.Empty(CallbackExports.Ensure().Except(exported));
        Assert.True(CallbackExports.Ensure().Count > 780);
    }

    [NginxFact]
    public async Task A_module_that_was_linked_to_be_bound_at_once_loads()
    {
        string module = modules.Place(BuiltModule.C("every", "-Wl,-z,now"));
        using var nginx = await NginxProcess.StartAsync(modules, $"outrider_module every {module};", "location / { outrider_filter every reply; }");
        Assert.Equal((401, "go away"), await nginx.AskAsync("/"));
    }

    [NginxFact]
    public async Task A_test_of_the_configuration_names_file_and_line_of_what_is_wrong()
    {
        string hidden = Path.Combine(modules.Folder, "hidden.so");
        File.Copy(Every, hidden, overwrite: true);
        File.SetUnixFileMode(hidden, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        string text = Path.Combine(modules.Folder, "text.so");
        File.WriteAllText(text, new string('x', 100));
        (string Http, string Server, string Said)[] cases =
        [
            ("outrider_module every /nowhere/none.so;", "", "cannot load the module \"every\": /nowhere/none.so: cannot open shared object file: No such file or directory in "),
            ($"outrider_module every {text};", "", "invalid ELF header in "),
            ($"outrider_module every {modules.Place(BuiltModule.C("plain"))};", "", "is no module with HTTP filters: it has no envoy_dynamic_module_on_program_init in "),
            ($"outrider_module every {modules.Place(BuiltModule.C("not-ready"))};", "", "refused to start"),
            ($"outrider_module every {modules.Place(BuiltModule.C("unknown"))};", "", "undefined symbol: envoy_dynamic_module_callback_"),
            ($"outrider_module every {Every};", "location / { outrider_filter every refuse; }", "the module \"every\" refuses the configuration of its filter \"refuse\": the secret is too short in "),
            ($"outrider_module every {Every};", "location / { outrider_filter other reply; }", "there is no \"outrider_module other\" in "),
            ($"outrider_module every {Every}; outrider_module every {Every};", "", "outrider_module \"every\" is there already in "),
            ($"outrider_module every {Every};", "location / { outrider_filter every reply; outrider_filter every off; }", "a block names filters or turns them off, not both"),
            ($"outrider_module every {Every};", "location / { outrider_filter every; }", "needs the name of a module and of its filter, or \"off\""),
        ];
        foreach (var (http, server, expected) in cases)
        {
            var (code, said) = await NginxProcess.TestAsync(modules, http, server);
            Assert.NotEqual(0, code);
            Assert.Contains(expected, said, StringComparison.Ordinal);
            Assert.Matches(@"\[emerg\].* in [^ ]*/nginx\.conf:\d+", said);
        }

        // The test runs as root, and the workers do not.
        if (Environment.UserName == "root")
        {
            var (code, said) = await NginxProcess.TestAsync(modules, $"outrider_module every {hidden};", "");
            Assert.NotEqual(0, code);
            Assert.Contains("hidden.so: cannot open shared object file: Permission denied in ", said, StringComparison.Ordinal);
        }

        var (good, fine) = await NginxProcess.TestAsync(modules, $"outrider_module every {Every};", "location / { outrider_filter every reply; }");
        Assert.True(good == 0, fine);
    }

    [NginxFact]
    public async Task A_worker_that_dies_comes_back_and_a_module_that_has_gone_costs_its_locations_alone()
    {
        string module = Path.Combine(modules.Folder, "vanishing.so");
        File.Copy(Every, module, overwrite: true);
        using var nginx = await NginxProcess.StartAsync(
            modules, $"outrider_module every {module};", "location / { outrider_filter every reply; } location /open { return 200 open; }");
        Assert.Equal((401, "go away"), await nginx.AskAsync("/"));

        File.Move(module, module + ".gone");
        NginxProcess.Kill(Assert.Single(nginx.Workers()));
        await Eventually.HoldsAsync(() => nginx.Workers().Length == 1);
        await StatusAsync(nginx, "/", 503);
        Assert.Equal((200, "open"), await nginx.AskAsync("/open"));
        Assert.Contains("its locations answer 503, and it is tried again", nginx.Log, StringComparison.Ordinal);

        File.Move(module + ".gone", module);
        await StatusAsync(nginx, "/", 401);
        Assert.Contains("is there again", nginx.Log, StringComparison.Ordinal);
        Assert.False(nginx.HasExited);
    }

    [NginxFact]
    public async Task A_reload_takes_another_configuration_and_a_wrong_one_leaves_the_old_in_force()
    {
        using var upstream = new EchoUpstream();
        string http = $"outrider_module every {Every}; upstream up {{ server 127.0.0.1:{upstream.Port}; }}";
        using var nginx = await NginxProcess.StartAsync(modules, http, "location / { outrider_filter every config first; proxy_pass http://up; }");
        Assert.Contains("x-config: first\n", await nginx.GetAsync("/"), StringComparison.Ordinal);

        nginx.Reload(http, "location / { outrider_filter every config second; proxy_pass http://up; }");
        await StreamTests.EventuallyAsync(async () => (await nginx.GetAsync("/")).Contains("x-config: second\n", StringComparison.Ordinal) ? "second" : "first", "second");

        nginx.Reload(http, "location / { outrider_filter every refuse; proxy_pass http://up; }");
        await Eventually.HoldsAsync(() => nginx.Log.Contains("the secret is too short", StringComparison.Ordinal));
        Assert.Contains("x-config: second\n", await nginx.GetAsync("/"), StringComparison.Ordinal);
        Assert.Equal(0, await nginx.StopAsync());
        Assert.DoesNotContain("[alert]", nginx.Log, StringComparison.Ordinal);
    }

    // What is tried again is tried once in a second.
    private static async Task StatusAsync(NginxProcess nginx, string path, int status)
        => await StreamTests.EventuallyAsync(
            async () =>
            {
                try
                {
                    return (await nginx.AskAsync(path)).Status.ToString(System.Globalization.CultureInfo.InvariantCulture);
                }
                catch (HttpRequestException)
                {
                    return "no answer";
                }
            },
            status.ToString(System.Globalization.CultureInfo.InvariantCulture));
}
