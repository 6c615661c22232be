using System.Globalization;

namespace Outrider.Proxy.Streams.Records;

/// <summary>What filters have told the proxy by MOSN's control variables (<c>pkg/types/variable.go</c>, <c>proxy_…</c>). A part of its stream's record.</summary>
internal struct ControlVariables
{
    /// <summary>Milliseconds for all tries together, in place of the route's and the client's (<c>proxy_global_timeout</c>); 0 where nobody has said so.</summary>
    internal int GlobalTimeout { get; private set; }

    /// <summary>Milliseconds for each try, in place of the route's and the client's (<c>proxy_try_timeout</c>); 0 where nobody has said so.</summary>
    internal int TryTimeout { get; private set; }

    /// <summary>Is the request sent once and no more (<c>proxy_disable_retry</c>)?</summary>
    internal bool DisablesRetry { get; private set; }

    /// <summary>The status of what the proxy or a filter answers in the upstream's place (<c>proxy_hijack_status</c>); 0 for its own.</summary>
    internal int HijackStatus { get; private set; }

    /// <summary>Takes a variable, if it is one of these; what does not read as what it has to be counts as not set, as in MOSN. Null takes it away.</summary>
    internal void Take(string name, object? value)
    {
        switch (name)
        {
            case "proxy_global_timeout":
                GlobalTimeout = Number(value);
                break;
            case "proxy_try_timeout":
                TryTimeout = Number(value);
                break;
            case "proxy_disable_retry":
                DisablesRetry = value is true || (value is string text && bool.TryParse(text, out bool disables) && disables);
                break;
            case "proxy_hijack_status":
                HijackStatus = Number(value) is >= 200 and <= 599 and var status ? status : 0;
                break;
        }
    }

    private static int Number(object? value) => value switch
    {
        int number => Math.Max(0, number),
        long number => (int)Math.Clamp(number, 0, int.MaxValue),
        string text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0,
        _ => 0,
    };
}
