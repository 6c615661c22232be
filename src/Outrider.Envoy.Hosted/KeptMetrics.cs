using System.Collections.Concurrent;
using Outrider.Envoy.Logging;
using Outrider.Filters;

namespace Outrider.Envoy.Hosted;

/// <summary>
/// The metrics of one configuration, over all versions of its filter. Envoy takes new ones only while it loads a configuration: what a later version
/// makes under the same name and labels goes on counting, and one that is new counts nothing, which is said once. Any thread.
/// </summary>
internal sealed class KeptMetrics(string filter, FilterMetrics metrics) : FilterMetrics
{
    private readonly ConcurrentDictionary<(string Kind, string Name, string Labels), object> _made = new();
    private volatile bool _isFrozen;

    /// <summary>Envoy has loaded the configuration.</summary>
    internal void Freeze() => _isFrozen = true;

    public override FilterCounter CreateCounter(string name, params ReadOnlySpan<string> labels)
    {
        string[] names = labels.ToArray();
        return (FilterCounter)Make("counter", name, names, from => from.CreateCounter(name, names));
    }

    public override FilterGauge CreateGauge(string name, params ReadOnlySpan<string> labels)
    {
        string[] names = labels.ToArray();
        return (FilterGauge)Make("gauge", name, names, from => from.CreateGauge(name, names));
    }

    public override FilterHistogram CreateHistogram(string name, params ReadOnlySpan<string> labels)
    {
        string[] names = labels.ToArray();
        return (FilterHistogram)Make("histogram", name, names, from => from.CreateHistogram(name, names));
    }

    private object Make(string kind, string name, string[] labels, Func<FilterMetrics, object> make)
        => _made.GetOrAdd((kind, name, string.Join('\0', labels)), _ =>
        {
            if (!_isFrozen)
            {
                return make(metrics);
            }

            ModuleLog.Warn($"filter '{filter}': the {kind} '{name}' counts nothing until Envoy loads the configuration again: Envoy takes new metrics only then");
            return make(None);
        });
}
