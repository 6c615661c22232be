using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Outrider.Proxy.Telemetry;
using Outrider.Telemetry;

namespace Outrider.Proxy.Admin.Handlers;

/// <summary>
/// <c>/stats</c>: counters under Envoy's names and in its forms: text, <c>?format=json</c>, <c>?format=prometheus</c>; <c>filter=</c> a regular expression that some part of the name
/// matches, <c>usedonly</c> leaves out what has not been counted, <c>type=Counters</c>, <c>Gauges</c>, <c>Histograms</c>. Any thread.
/// </summary>
/// <param name="source">Where the counters are.</param>
/// <param name="path">The page's path.</param>
/// <param name="always">The form, whatever is asked for; null for what is.</param>
internal sealed class EnvoyStatsHandler(IAdminSource source, string path = "/stats", string? always = null) : IAdminHandler
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(250);

    /// <inheritdoc/>
    public string Path => path;

    /// <inheritdoc/>
    public string Summary => always is null ? "counters under Envoy's names; ?filter=REGEX&usedonly&format=json|prometheus&type=Counters|Gauges|Histograms" : "counters under Envoy's names for Prometheus";

    /// <inheritdoc/>
    public ValueTask<AdminResponse> HandleAsync(AdminRequest request)
    {
        string? Value(string key) => request.Query.Where(pair => pair.Key == key).Select(static pair => pair.Value).FirstOrDefault();
        string format = always ?? Value("format") ?? "text";
        string type = Value("type") ?? "All";
        if (format is not ("text" or "json" or "prometheus"))
        {
            return new(AdminResponse.Text("usage: /stats?format=json  or /stats?format=prometheus\n\n", 400));
        }

        if (type is not ("All" or "Counters" or "Gauges" or "Histograms"))
        {
            return new(AdminResponse.Text("invalid &type= param\n", 400));
        }

        Regex? filter;
        try
        {
            filter = Value("filter") is { } pattern ? new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, s_patience) : null;
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return new(AdminResponse.Text($"invalid re2 regex: {e.Message}\n", 400));
        }

        bool usedOnly = request.Query.Any(static pair => pair.Key == "usedonly");
        var (stats, histograms) = EnvoyStats.Collect(source);
        _ = stats.RemoveAll(stat => (usedOnly && stat.Value == 0) || filter?.IsMatch(stat.FullName) == false || (type != "All" && type != (stat.IsGauge ? "Gauges" : "Counters")));
        _ = histograms.RemoveAll(one => (usedOnly && one.Times.Count == 0) || filter?.IsMatch(one.FullName) == false || type is not ("All" or "Histograms"));
        return new(format switch
        {
            "json" => AdminResponse.Json(writer => WriteJson(writer, stats, histograms)),
            "prometheus" => new AdminResponse(200, "text/plain; version=0.0.4; charset=utf-8", Encoding.UTF8.GetBytes(Prometheus(stats, histograms))),
            _ => AdminResponse.Text(Plain(stats, histograms)),
        });
    }

    private static string Plain(List<EnvoyStat> stats, List<EnvoyHistogram> histograms)
    {
        var text = new StringBuilder();
        stats.ForEach(stat => text.Append(CultureInfo.InvariantCulture, $"{stat.FullName}: {stat.Value}\n"));
        foreach (var one in histograms)
        {
            // Of Envoy's pair the first is of the last interval, which is not kept here.
            string values = string.Join(' ', EnvoyHistogram.Quantiles.Select(quantile => string.Create(CultureInfo.InvariantCulture, $"P{quantile}(nan,{one.At(quantile)})")));
            _ = text.Append(one.FullName).Append(": ").Append(one.Times.Count == 0 ? "No recorded values" : values).Append('\n');
        }

        return text.ToString();
    }

    private static void WriteJson(Utf8JsonWriter writer, List<EnvoyStat> stats, List<EnvoyHistogram> histograms)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("stats");
        foreach (var stat in stats)
        {
            writer.WriteStartObject();
            writer.WriteString("name", stat.FullName);
            writer.WriteNumber("value", stat.Value);
            writer.WriteEndObject();
        }

        if (histograms.Count > 0)
        {
            writer.WriteStartObject();
            writer.WriteStartObject("histograms");
            writer.WriteStartArray("supported_quantiles");
            Array.ForEach(EnvoyHistogram.Quantiles, writer.WriteNumberValue);
            writer.WriteEndArray();
            writer.WriteStartArray("computed_quantiles");
            histograms.ForEach(one => WriteQuantiles(writer, one));
            writer.WriteEndArray();
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteQuantiles(Utf8JsonWriter writer, EnvoyHistogram one)
    {
        writer.WriteStartObject();
        writer.WriteString("name", one.FullName);
        writer.WriteStartArray("values");
        foreach (double quantile in EnvoyHistogram.Quantiles)
        {
            writer.WriteStartObject();
            writer.WriteNull("interval");
            if (one.At(quantile) is { } value)
            {
                writer.WriteNumber("cumulative", value);
            }
            else
            {
                writer.WriteNull("cumulative");
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static string Prometheus(List<EnvoyStat> stats, List<EnvoyHistogram> histograms)
    {
        var text = new PrometheusText();
        foreach (var family in stats.GroupBy(static stat => (Name: NameOf(stat.Scope, stat.Name), stat.IsGauge)).OrderBy(static family => family.Key.Name, StringComparer.Ordinal))
        {
            _ = family.Key.IsGauge ? text.Gauge(family.Key.Name, "As Envoy's.") : text.Counter(family.Key.Name, "As Envoy's.");
            foreach (var stat in family)
            {
                List<(string, string)> labels = stat.Owner.Length == 0 ? [] : [(EnvoyStat.LabelOf(stat.Scope), stat.Owner)];
                if (ClassOf(stat.Name) is { } code)
                {
                    labels.Insert(0, ("envoy_response_code_class", code));
                }

                _ = text.Sample(stat.Value, [.. labels]);
            }
        }

        foreach (var family in histograms.GroupBy(static one => NameOf(one.Scope, one.Name)))
        {
            _ = text.Histogram(family.Key, "As Envoy's, in milliseconds.");
            foreach (var one in family)
            {
                _ = text.SampleMilliseconds(one.Times, (EnvoyStat.LabelOf(one.Scope), one.Owner));
            }
        }

        return text.ToString();
    }

    // Envoy takes the class of a status out of the name and makes a label of it: downstream_rq_2xx is downstream_rq_xx.
    private static string? ClassOf(string name) => name.EndsWith("xx", StringComparison.Ordinal) && char.IsAsciiDigit(name[^3]) ? name[^3].ToString() : null;

    private static string NameOf(string scope, string name)
        => "envoy_" + scope + "_" + (ClassOf(name) is null ? name : name[..^3] + "xx").Replace('.', '_');
}
