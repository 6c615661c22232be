using System.Net;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Envoy;

/// <summary>Configurations of a module in a stock Envoy: refused, and updated while it serves.</summary>
[Collection(EnvoyCollection.Name)]
public sealed class ConfigurationTests(EnvoyModules modules)
{
    private const string TestFilters = "tests/modules/test-filters";

    [EnvoyFact]
    public async Task A_bad_configuration_is_refused_with_what_is_wrong_in_the_log()
    {
        string module = await modules.PublishAsync(TestFilters);

        Assert.Contains("filter 'life', configuration refused: $.version: 'bad' is not a version", await RefusedAsync("life", EnvoyYaml.Struct("{ version: bad }")), StringComparison.Ordinal);
        Assert.Contains("filter 'life', configuration refused: $.max_delay_ms: ", await RefusedAsync("life", EnvoyYaml.Struct("{ max_delay_ms: many }")), StringComparison.Ordinal);
        Assert.Contains("filter 'nobody', configuration refused: $: the module has no filter of this name; it has: ", await RefusedAsync("nobody", null), StringComparison.Ordinal);
        string routes = $"{{ match: {{ prefix: \"/\" }}, route: {{ cluster: up }}, {EnvoyYaml.RouteFilter(module, "life", EnvoyYaml.Struct("{ version: bad }"))} }}";
        Assert.Contains("filter 'life', configuration of a route refused: $.version: 'bad' is not a version", await EnvoyProcess.RefusesAsync(modules, [EnvoyYaml.Filter(module, "life")], routes), StringComparison.Ordinal);

        Task<string> RefusedAsync(string filter, string? config) => EnvoyProcess.RefusesAsync(modules, [EnvoyYaml.Filter(module, filter, config)]);
    }

    [EnvoyFact]
    public async Task A_hundred_updates_under_load_fail_no_request_and_leave_no_old_configuration()
    {
        string module = await modules.PublishAsync(TestFilters);
        using var upstream = new EchoUpstream();
        string Filter(int version) => EnvoyYaml.Filter(module, "life", EnvoyYaml.Struct($"{{ version: \"{version}\", max_delay_ms: 20 }}"));
        var (envoy, replace) = await EnvoyProcess.StartWatchingAsync(modules, upstream.Port, Filter(0), workers: 2);
        using (envoy)
        {
            int done = 0, failed = 0;
            bool stop = false;
            var load = Enumerable.Range(0, 8).Select(async _ =>
            {
                while (!Volatile.Read(ref stop))
                {
                    try
                    {
                        using var response = await envoy.SendAsync("/x");
                        _ = response.StatusCode == HttpStatusCode.OK ? Interlocked.Increment(ref done) : Interlocked.Increment(ref failed);
                    }
                    catch (HttpRequestException)
                    {
                        Interlocked.Increment(ref failed);
                    }
                }
            }).ToList();

            int version = 0;
            while (version < 100)
            {
                replace(Filter(++version));
                await VersionAsync(envoy, version);
            }

            // A refused update leaves what is in force.
            replace(EnvoyYaml.Filter(module, "life", EnvoyYaml.Struct("{ version: bad }")));
            await Eventually.HoldsAsync(() => envoy.Log.Contains("'bad' is not a version", StringComparison.Ordinal));
            await VersionAsync(envoy, 100);
            Volatile.Write(ref stop, true);
            await Task.WhenAll(load);

            Assert.Equal(0, failed);
            Assert.True(done > 500, $"{done} requests");
            await StreamTests.EventuallyAsync(() => envoy.GetAsync("/life"), "filters=0 configurations=1 disposed=100 ");
        }
    }

    private static async Task VersionAsync(EnvoyProcess envoy, int version)
    {
        string wanted = version.ToString(System.Globalization.CultureInfo.InvariantCulture);
        for (long end = Environment.TickCount64 + (long)Eventually.Patience.TotalMilliseconds; ;)
        {
            using var response = await envoy.SendAsync("/x");
            if (response.Headers.TryGetValues("x-life-version", out var values) && values.Single() == wanted)
            {
                return;
            }

            Assert.True(Environment.TickCount64 < end, $"version {version} does not come into force: {envoy.Log}");
            await Task.Delay(2);
        }
    }
}
