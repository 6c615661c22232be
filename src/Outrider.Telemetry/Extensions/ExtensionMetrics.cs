namespace Outrider.Telemetry.Extensions;

/// <summary>Metrics that extensions keep themselves and <c>/metrics</c> shows behind the proxy's own. Of the process, like what loads extensions. Any thread.</summary>
internal static class ExtensionMetrics
{
    private static readonly Lock s_gate = new();
    private static readonly List<Action<PrometheusText>> s_writers = [];

    /// <summary>Adds a writer of families. It is called for every answer, on the thread that asks.</summary>
    internal static void Add(Action<PrometheusText> writer)
    {
        lock (s_gate)
        {
            s_writers.Add(writer);
        }
    }

    internal static void Write(PrometheusText text)
    {
        Action<PrometheusText>[] writers;
        lock (s_gate)
        {
            writers = [.. s_writers];
        }

        foreach (var writer in writers)
        {
            writer(text);
        }
    }
}
