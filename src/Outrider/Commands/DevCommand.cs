using System.CommandLine;
using System.Net;
using System.Text.Json.Nodes;
using Outrider.Configuration;
using Outrider.Configuration.Problems;
using Outrider.Developing;
using Outrider.Echo;
using Outrider.Filters;
using Outrider.Plugins.Libraries;
using Outrider.Proxy.Server;
using Outrider.Running;

namespace Outrider.Commands;

/// <summary>Runs a project of filters while somebody is at work on it: builds, swaps on save, and shows each request's way through them.</summary>
internal static class DevCommand
{
    internal static Command Describe()
    {
        var project = new Argument<string>("PROJECT") { Description = "The folder of a project with filters, or its .csproj" };
        var listen = new Option<string>("--listen", "-l") { Description = "Where the proxy listens", HelpName = "ADDRESS:PORT", DefaultValueFactory = static _ => "127.0.0.1:2046" };
        var config = new Option<string?>("--config", "-c") { Description = "Which filters with what: a file in MOSN's format, or a JSON list as in stream_filters. Default: PROJECT/mosn.json, or all filters of the project", HelpName = "FILE" };
        var based = new Option<string>("--base") { Description = "What runs them: outrider, or a stock envoy (the program that ENVOY_BIN names, or envoy)", HelpName = "outrider|envoy", DefaultValueFactory = static _ => "outrider" };
        based.Validators.Add(static result =>
        {
            if (result.Tokens is [{ Value: not ("outrider" or "envoy") }])
            {
                result.AddError("--base is outrider or envoy");
            }
        });
        var command = new Command("dev", "Builds a project of filters, runs it behind curl, swaps it whenever a source is saved, and prints each request's way through the filters (docs/debugging.md)") { project, listen, config, based };
        command.SetAction((result, _) => RunAsync(result.GetRequiredValue(project), result.GetRequiredValue(listen), result.GetValue(config), result.GetRequiredValue(based) == "envoy"));
        return command;
    }

    private static async Task<int> RunAsync(string path, string listen, string? file, bool inEnvoy)
    {
        using var signals = new Signals();
        var ended = signals.EndAsync();
        var project = await FilterProject.FindAsync(path).ConfigureAwait(false);
        using var watch = new SourceWatch(project.Folder);
        Say($"building {project.File}");
        while (await project.BuildAsync().ConfigureAwait(false) is { } wrong)
        {
            Say(wrong);
            Say("it does not build: waiting for the next save");
            if (await Task.WhenAny(ended, watch.NextAsync()).ConfigureAwait(false) == ended)
            {
                return 1;
            }
        }

        string own = Path.Combine(project.Folder, "mosn.json");
        var names = project.FilterNames();
        var chain = DevConfiguration.Chain(file ?? (File.Exists(own) ? own : null), project.Assembly, names);
        var upstream = await EchoServer.StartAsync(new IPEndPoint(IPAddress.Loopback, 0), "dev").ConfigureAwait(false);
        string folder = Directory.CreateTempSubdirectory("outrider-dev-").FullName;
        try
        {
            await using (upstream.ConfigureAwait(false))
            {
                Say($"filters {string.Join(", ", names)}; try: curl -i http://{listen}/ (Ctrl-C ends)");
                await (inEnvoy
                    ? ServeInEnvoyAsync(project, watch, ended, folder, listen, upstream.EndPoint.ToString()!, chain)
                    : ServeAsync(project, watch, ended, folder, listen, upstream.EndPoint.ToString()!, chain)).ConfigureAwait(false);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        return 0;
    }

    private static async Task ServeAsync(FilterProject project, SourceWatch watch, Task ended, string folder, string listen, string upstream, JsonArray chain)
    {
        string file = Path.Combine(folder, "dev.json");
        await File.WriteAllTextAsync(file, DevConfiguration.Mosn(listen, upstream, chain)).ConfigureAwait(false);
        var extensions = ExtensionFolder.Load();
        var traces = new StreamTraces(Console.WriteLine);
        var traced = new StreamFilterRegistry();
        foreach (string name in extensions.Filters.Names)
        {
            var create = extensions.Filters.Find(name)!;
            traced.Add(name, configuration => Trace(create(configuration), configuration, traces), extensions.Filters.FindRouteReader(name));
        }

        var swaps = new LibrarySwaps(extensions.Libraries);
        var server = await ProxyServer.StartAsync(ConfigurationLoader.Load(file).Configuration, traced, ProductVersion.Text).ConfigureAwait(false);
        extensions.Libraries.Commit();
        await using (server.ConfigureAwait(false))
        await using (swaps.ConfigureAwait(false))
        {
            swaps.Start(Say);
            var building = BuildOnSaveAsync(project, watch, ended);
            var swap = swaps.NextAsync().AsTask();
            while (await Task.WhenAny(ended, swap).ConfigureAwait(false) == swap)
            {
                await LibrarySwap.DoAsync(server, swaps.Libraries, await swap.ConfigureAwait(false)).ConfigureAwait(false);
                Say("the next requests run what was built");
                swap = swaps.NextAsync().AsTask();
            }

            await building.ConfigureAwait(false);
            await server.StopAsync().ConfigureAwait(false);
        }
    }

    private static IStreamFilterFactory Trace(IStreamFilterFactory factory, FilterConfiguration configuration, StreamTraces traces)
        // A group is taken apart by the chain.
        => factory is IStreamFilterGroup ? factory : new TracedFactory(factory, DevConfiguration.NameOf(configuration), traces);

    private static async Task ServeInEnvoyAsync(FilterProject project, SourceWatch watch, Task ended, string folder, string listen, string upstream, JsonArray chain)
    {
        _ = await EnvoyCommand.MakeAsync(folder, "cc").ConfigureAwait(false);
        string file = Path.Combine(folder, "envoy.json");
        await File.WriteAllTextAsync(file, DevConfiguration.Envoy(Path.Combine(folder, EnvoyCommand.FileName), listen, upstream, chain)).ConfigureAwait(false);
        using var envoy = await EnvoyProgram.StartAsync(file).ConfigureAwait(false);
        var building = BuildOnSaveAsync(project, watch, ended);
        var exited = envoy.WaitForExitAsync();
        if (await Task.WhenAny(ended, exited).ConfigureAwait(false) == exited)
        {
            throw new IOException($"envoy has ended with {envoy.ExitCode}");
        }

        EnvoyProgram.End(envoy);
        await exited.ConfigureAwait(false);
        await building.ConfigureAwait(false);
    }

    private static async Task BuildOnSaveAsync(FilterProject project, SourceWatch watch, Task ended)
    {
        while (await Task.WhenAny(ended, watch.NextAsync()).ConfigureAwait(false) != ended)
        {
            Say("building");
            if (await project.BuildAsync().ConfigureAwait(false) is { } wrong)
            {
                Say(wrong);
                Say("it does not build: the version before stays");
            }
            else
            {
                Say("built");
            }
        }
    }

    private static void Say(string line) => Console.Error.WriteLine("dev: " + line);
}
