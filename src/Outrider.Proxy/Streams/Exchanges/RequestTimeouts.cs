using System.Buffers.Text;
using Outrider.Http.Headers;
using Outrider.Proxy.Streams.Records;

namespace Outrider.Proxy.Streams.Exchanges;

/// <summary>
/// How long a request may take: all tries together, and each. The route says so, and MOSN's clients may ask for less by <c>x-mosn-global-timeout</c> and
/// <c>x-mosn-try-timeout</c>, in milliseconds. A part of its exchange: no allocation.
/// </summary>
/// <param name="All">Milliseconds for all tries.</param>
/// <param name="Each">Milliseconds for each; 0 for no limit of its own.</param>
internal readonly record struct RequestTimeouts(int All, int Each)
{
    /// <summary>Those of a request.</summary>
    /// <param name="route">The route's for all tries, in milliseconds.</param>
    /// <param name="policy">The route's for each try; 0 for none.</param>
    /// <param name="fields">The request's headers.</param>
    /// <param name="controls">What filters have said, which stands above both.</param>
    internal static RequestTimeouts Of(int route, int policy, HeaderBlock fields, in ControlVariables controls)
    {
        int all = Math.Min(route, Asked(fields, KnownHeader.MosnGlobalTimeout) is > 0 and var global ? global : route);
        int each = Asked(fields, KnownHeader.MosnTryTimeout) is > 0 and var asked ? policy > 0 ? Math.Min(policy, asked) : asked : policy;
        all = controls.GlobalTimeout > 0 ? controls.GlobalTimeout : all;
        each = controls.TryTimeout > 0 ? controls.TryTimeout : each;
        // As in MOSN: a try's that is not less than that of all is none.
        return new(all, each < all ? each : 0);
    }

    private static int Asked(HeaderBlock fields, KnownHeader name)
        => fields.IndexOf(name) is >= 0 and var at && Utf8Parser.TryParse(fields.ValueAt(at), out int milliseconds, out int used) && used == fields.ValueAt(at).Length ? milliseconds : 0;
}
