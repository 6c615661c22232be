using Outrider.Plugins.Modules.Linking;
using Outrider.Tests.CommandLine;
using Outrider.Tests.Filters;
using Outrider.Tests.Modules;

namespace Outrider.Tests.Envoy;

/// <summary>Our host's callbacks beside Envoy's own.</summary>
[Collection(EnvoyCollection.Name)]
public sealed class CallbackTests(EnvoyModules modules)
{
    [EnvoyFact]
    public async Task A_module_hears_from_our_host_what_it_hears_from_Envoy()
    {
        string[] filters = ["runtime", "secrets", "span", "struct", "typed", "timing"];
        string module = BuiltModule.C("stream");
        File.Copy(module, Path.Combine(modules.Folder, "libstream.so"), overwrite: true);
        using var upstream = FilterExchange.Mirror();
        int port = int.Parse(upstream.Address.Split(':')[1], System.Globalization.CultureInfo.InvariantCulture);
        using var envoy = await EnvoyProcess.StartAsync(modules, port, filters.Select(filter => EnvoyYaml.Filter("stream", filter)));
        using var answer = await envoy.Client.GetAsync(new Uri("/", UriKind.Relative));
        string inEnvoy = answer.Headers + await answer.Content.ReadAsStringAsync();

        await using var proxy = await ModuleProxy.StartAsync(upstream.Address, module, filters);
        string here = await proxy.SendAsync(FilterExchange.Get);

        Assert.Equal(Said(inEnvoy), Said(here));
        Assert.Equal(filters.Length, Said(here).Length);
    }

    [EnvoyFact]
    public async Task Every_callback_of_Envoy_exists_here()
    {
        if (FactWithAttribute.Find("nm") is not { } nm)
        {
            return;
        }

        var (code, symbols) = await EnvoyModules.RunAsync(nm, ["-D", "--defined-only", EnvoyFactAttribute.Program!]);
        Assert.Equal(0, code);
        string[] envoys = [.. symbols.Split('\n').Select(line => line.Split(' ')[^1].Split('@')[0]).Where(name => name.StartsWith("envoy_dynamic_module_callback_", StringComparison.Ordinal))];
        Assert.NotEmpty(envoys);
        Assert.Empty(envoys.Except(CallbackExports.Ensure()));
    }

    // What takes time may come out one nanosecond or the other; the module says only whether it is plausible.
    private static string[] Said(string exchange)
        => [.. exchange.Split('\n').Select(line => line.Trim()).Where(line => line.StartsWith("x-said: ", StringComparison.OrdinalIgnoreCase)).SelectMany(line => line[8..].Split(", ")).Order(StringComparer.Ordinal)];
}
