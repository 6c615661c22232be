using System.Text.Json.Serialization;
using Outrider.Expressions;
using Outrider.Filters;

namespace Outrider.StockFilters.Scripting;

/// <summary>MOSN's: an expression for each phase. What an expression is worth does not matter, but what it does by <c>ctx</c>.</summary>
public sealed class DslConfig : IValidatable, IExcuser
{
    /// <summary>No effect, as in MOSN.</summary>
    public bool Debug { get; set; }

    /// <summary>Before the route is found. Default, and empty: nothing. So for the others.</summary>
    public string BeforeRouterByDsl { get; set; } = "";

    /// <summary>After it.</summary>
    public string AfterRouterByDsl { get; set; } = "";

    /// <summary>When a host is chosen. Only where the base has hosts.</summary>
    public string AfterBalancerByDsl { get; set; } = "";

    /// <summary>When the response's headers have come.</summary>
    public string SendFilterByDsl { get; set; } = "";

    /// <summary>When the stream is over.</summary>
    public string LogFilterByDsl { get; set; } = "";

    /// <summary>MOSN's <c>dsl-sample</c> has it, and MOSN does not read it: looked at, without effect.</summary>
    public string SendRouterByDsl { get; set; } = "";

    [JsonIgnore]
    internal Expression? BeforeRoute { get; private set; }

    [JsonIgnore]
    internal Expression? AfterRoute { get; private set; }

    [JsonIgnore]
    internal Expression? AfterChooseHost { get; private set; }

    [JsonIgnore]
    internal Expression? BeforeSend { get; private set; }

    [JsonIgnore]
    internal Expression? AtEnd { get; private set; }

    /// <inheritdoc/>
    public void Excuse(Action<string, string> excuse)
    {
        ArgumentNullException.ThrowIfNull(excuse);
        if (SendRouterByDsl.Length > 0)
        {
            excuse("$.send_router_by_dsl", "has no effect, as in MOSN, which reads send_filter_by_dsl");
        }
    }

    /// <inheritdoc/>
    public void Validate()
    {
        BeforeRoute = Compile("$.before_router_by_dsl", BeforeRouterByDsl);
        AfterRoute = Compile("$.after_router_by_dsl", AfterRouterByDsl);
        AfterChooseHost = Compile("$.after_balancer_by_dsl", AfterBalancerByDsl);
        BeforeSend = Compile("$.send_filter_by_dsl", SendFilterByDsl);
        AtEnd = Compile("$.log_filter_by_dsl", LogFilterByDsl);
        _ = Compile("$.send_router_by_dsl", SendRouterByDsl);
    }

    private static Expression? Compile(string path, string? text)
    {
        try
        {
            return string.IsNullOrEmpty(text) ? null : Expression.Compile(text);
        }
        catch (FormatException e)
        {
            throw new FilterConfigurationException(path, e.Message, e);
        }
    }
}
