using System.Net;
using System.Text;
using System.Text.Json;
using Outrider.Configuration.Json;
using Outrider.Configuration.Model;

namespace Outrider.Configuration.Binding;

/// <summary>Binds <c>metrics</c>.</summary>
internal static class MetricsBinder
{
    private static readonly Dictionary<string, string?> s_sinks = new(StringComparer.Ordinal) { ["prometheus"] = "prometheus" };

    private static readonly string[] s_units = ["b", "k", "kb", "m", "mb", "g", "gb", "t", "tb"];

    public static MetricsConfiguration Bind(ObjectReader root)
    {
        if (root.Object("metrics") is not { } metrics)
        {
            return new MetricsConfiguration();
        }

        // Where MOSN keeps counters for its next process, and how often it writes them there: ours live as long as the process, and nobody has to wait for them.
        _ = metrics.Text("shm_zone");
        Size(metrics, "shm_size");
        _ = metrics.Flag("flush_mosn", false) | metrics.Flag("lazy_flush", false);
        _ = metrics.Duration("flush_interval", TimeSpan.Zero, ZeroDuration.MeansNone);
        Sample(metrics);
        var sinks = metrics.Objects("sinks").Select(Sink).OfType<MetricsSinkConfiguration>().ToList();
        var matcher = metrics.Object("stats_matcher");
        var configuration = new MetricsConfiguration
        {
            Text = Encoding.UTF8.GetString(metrics.Node.Json.Span),
            RejectAll = matcher?.Flag("reject_all", false) ?? false,
            ExcludedLabels = [.. matcher?.Texts("exclusion_labels").Select(static node => node.Text) ?? []],
            ExcludedKeys = [.. matcher?.Texts("exclusion_keys").Select(static node => node.Text) ?? []],
            Sinks = sinks,
        };
        matcher?.Finish();
        metrics.Finish();
        return configuration;
    }

    // How MOSN thins out what its histograms keep: ours keep counts, and thin out nothing.
    private static void Sample(ObjectReader metrics)
    {
        if (metrics.Object("sample") is { } sample)
        {
            _ = sample.Text("type");
            _ = sample.Integer("size", 0, 0, int.MaxValue);
            _ = sample.Number("exp_decay_alpha");
            sample.Finish();
        }

        if (metrics.Object("ewma") is { } ewma)
        {
            _ = ewma.Number("alpha");
            _ = ewma.Number("target");
            _ = ewma.Duration("duration", TimeSpan.Zero, ZeroDuration.MeansNone);
            ewma.Finish();
        }
    }

    private static MetricsSinkConfiguration? Sink(ObjectReader sink)
    {
        bool isNamed = sink.RequiredText("type") is not null;
        string? type = sink.Choice("type", null, s_sinks);
        var config = sink.Object("config");
        sink.Finish();
        if (!isNamed || type is null)
        {
            return null;
        }

        if (config is null)
        {
            sink.Error("config", "is missing and required");
            return null;
        }

        var address = IPAddress.Any;
        if (config.Text("address") is { } text)
        {
            if (EndPointText.ListenAddress(text) is { } parsed)
            {
                address = parsed;
            }
            else
            {
                ObjectReader.Wrong(config.Take("address")!, sink.Problems, "an IP address");
            }
        }

        if (config.Take("port") is null)
        {
            config.Error("port", "is missing and required");
        }

        int port = config.Integer("port", 1, 1, 65535);
        string path = config.Text("endpoint") ?? "/metrics";
        if (path[0] != '/')
        {
            ObjectReader.Wrong(config.Take("endpoint")!, sink.Problems, "a path that begins with /");
            path = "/metrics";
        }

        List<int> percentiles = [];
        foreach (ConfigurationNode node in config.Array("percentiles"))
        {
            if (config.TryInteger(node, 1, 99, out long percentile))
            {
                percentiles.Add((int)percentile);
            }
        }

        bool withProcess = !config.Flag("disable_collect_process", false);
        _ = config.Flag("disable_collect_go", false);
        if (config.Text("export_url") is not null)
        {
            config.Error("export_url", "a push gateway is not supported, as in MOSN");
        }

        config.Finish();
        return new MetricsSinkConfiguration(new IPEndPoint(address, port), path, sink.Node) { Percentiles = percentiles, WithProcess = withProcess };
    }

    // A number, or text as "10MB"; MOSN reads both.
    private static void Size(ObjectReader metrics, string key)
    {
        if (metrics.Take(key) is not { } node)
        {
            return;
        }

        if (node.Kind == JsonValueKind.Number)
        {
            _ = metrics.Long(key, 0, 0, long.MaxValue);
            return;
        }

        string text = metrics.Text(key) ?? "";
        string unit = text.TrimStart("0123456789 ".ToCharArray()).ToLowerInvariant();
        if (text.Length > 0 && (!char.IsAsciiDigit(text[0]) || (unit.Length > 0 && !s_units.Contains(unit))))
        {
            ObjectReader.Wrong(node, metrics.Problems, "a size such as 10MB");
        }
    }
}
