using System.Text;
using Outrider.Configuration.Model;
using Outrider.Filters;

namespace Outrider.Configuration.Binding;

/// <summary>Binds what is said of a cluster's balancing beside the balancer's name.</summary>
internal static class BalancingBinder
{
    private static readonly Dictionary<string, string?> s_modes = new(StringComparer.Ordinal) { ["duration"] = "duration" };

    /// <summary><c>lbconfig</c> of the load balancers that come with the proxy.</summary>
    public static BalancerOptions Options(ObjectReader cluster)
    {
        var defaults = new BalancerOptions();
        if (cluster.Object("lbconfig") is not { } config)
        {
            return defaults;
        }

        var options = new BalancerOptions
        {
            ChoiceCount = config.IntegerOrDefault("choice_count", defaults.ChoiceCount, 1, 128),
            ActiveBias = config.Number("active_request_bias", defaults.ActiveBias, 0, 100),
            Decay = config.Duration("decay", defaults.Decay, ZeroDuration.MeansDefault),
        };
        config.Ignore("client_error_bias", "server_error_bias");
        config.Finish();
        return options;
    }

    /// <summary><c>slow_start</c>; null where there is none.</summary>
    public static SlowStartConfiguration? SlowStart(ObjectReader cluster)
    {
        if (cluster.Object("slow_start") is not { } slow)
        {
            return null;
        }

        string? mode = slow.Choice("mode", null, s_modes);
        var duration = slow.Duration("slow_start_duration", TimeSpan.Zero, ZeroDuration.MeansNone);
        double aggression = slow.Number("aggression", 1, 0, 100);
        double least = slow.Number("min_weight_percent", 0.1, 0, 1);
        slow.Finish();
        // As in MOSN: without a mode there is no slow start, and zero is the default.
        return mode is null || duration <= TimeSpan.Zero ? null : new SlowStartConfiguration(duration, aggression == 0 ? 1 : aggression, least == 0 ? 0.1 : least);
    }

    /// <summary><c>session_affinity</c>; null where there is none.</summary>
    public static AffinityConfiguration? Affinity(ObjectReader cluster)
    {
        if (cluster.Object("session_affinity") is not { } affinity)
        {
            return null;
        }

        AffinityConfiguration? configuration = null;
        if (affinity.Object("cookie") is { } cookie)
        {
            string name = cookie.RequiredText("name") ?? "";
            IsCookieName(cookie, name);
            configuration = new AffinityConfiguration(name, CookiePath(cookie) ?? "/", cookie.Duration("ttl", TimeSpan.Zero, ZeroDuration.MeansNone));
            cookie.Finish();
        }
        else if (affinity.Take("cookie") is null)
        {
            affinity.Error("cookie", "is missing and required");
        }

        affinity.Finish();
        return configuration;
    }

    /// <summary><c>zone_preference</c>; null where there is none.</summary>
    public static ZonePreference? Zone(ObjectReader cluster)
    {
        if (cluster.Object("zone_preference") is not { } zone)
        {
            return null;
        }

        var preference = new ZonePreference(zone.Text("key") ?? "zone", zone.RequiredText("value") ?? "", zone.Integer("min_healthy_percent", 70, 1, 100));
        zone.Finish();
        return preference;
    }

    /// <summary>Could that be a cookie's name (RFC 6265 §4.1.1)? An error where not.</summary>
    public static void IsCookieName(ObjectReader cookie, string name)
    {
        if (name.Length > 0 && !HeaderSyntax.IsToken(Encoding.UTF8.GetBytes(name)))
        {
            ObjectReader.Wrong(cookie.Take("name")!, cookie.Problems, "a cookie's name (RFC 6265 §4.1.1)");
        }
    }

    /// <summary>A cookie's path; null where there is none.</summary>
    public static string? CookiePath(ObjectReader cookie)
    {
        string? path = cookie.Text("path");
        if (path is not null && (path[0] != '/' || path.Any(static c => c is < ' ' or ';' or >= (char)127)))
        {
            ObjectReader.Wrong(cookie.Take("path")!, cookie.Problems, "a path that begins with /, without a semicolon (RFC 6265 §4.1.1)");
        }

        return path;
    }
}
