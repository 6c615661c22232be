using System.Text.Json.Serialization.Metadata;
using Outrider.Filters;
using Outrider.StockFilters.Access;
using Outrider.StockFilters.Auth;
using Outrider.StockFilters.Compression;
using Outrider.StockFilters.Cors;
using Outrider.StockFilters.Echoing;
using Outrider.StockFilters.ExtAuthz;
using Outrider.StockFilters.Faults;
using Outrider.StockFilters.Jwt;
using Outrider.StockFilters.Labels;
using Outrider.StockFilters.Limits;
using Outrider.StockFilters.Metadata;
using Outrider.StockFilters.Mirroring;
using Outrider.StockFilters.Mutation;
using Outrider.StockFilters.RateLimits;
using Outrider.StockFilters.Rbac;
using Outrider.StockFilters.Scripting;
using Outrider.StockFilters.Stats;
using Outrider.StockFilters.Tolerance;
using Outrider.StockFilters.Transcoding;

namespace Outrider.StockFilters;

/// <summary>The filters that come with Outrider, on every base. A test holds this list to the classes' attributes.</summary>
public static class StockFilterSet
{
    /// <summary>Registers them, and their drivers.</summary>
    /// <exception cref="ArgumentException">A name is taken.</exception>
    public static void Register(StreamFilterRegistry registry)
    {
        ArgumentNullException.ThrowIfNull(registry);
        registry.Add("api_key", AuthJson.Default.ApiKeyConfig, config => new ApiKeyFilter(config), ReceiverPhase.AfterRoute);
        registry.Add("basic_auth", AuthJson.Default.BasicAuthConfig, config => new BasicAuthFilter(config), ReceiverPhase.AfterRoute);
        registry.Add("cors", CorsJson.Default.CorsConfig, config => new CorsFilter(config), ReceiverPhase.AfterRoute);
        registry.Add("dsl", DslFactory.Create, DslFactory.Read);
        registry.Add("echo", EchoJson.Default.EchoConfig, config => new EchoFilter(config));
        registry.Add("ext_authz", ExtAuthzConfig.Create, configuration => configuration.Read(ExtAuthzJson.Default.ExtAuthzConfig));
        registry.Add("fault", FaultsJson.Default.FaultConfig, config => new FaultFilter(config), ReceiverPhase.AfterRoute);
        registry.Add("fault_tolerance", configuration => WithHosts(configuration, ToleranceJson.Default.FaultToleranceConfig), config => new FaultToleranceFilter(config));
        registry.Add("flowControlFilter", LimitsJson.Default.FlowControlConfig, config => new FlowControlFilter(config), ReceiverPhase.AfterRoute);
        registry.Add("gzip", CompressionJson.Default.GzipConfig, config => new GzipFilter(config));
        registry.Add("header_mutation", MutationJson.Default.HeaderMutationConfig, config => new HeaderMutationFilter(config), ReceiverPhase.AfterRoute);
        registry.Add("header_to_metadata", LabelsJson.Default.HeaderToMetadataConfig, config => new HeaderToMetadataFilter(config), ReceiverPhase.AfterRoute);
        registry.Add("ip_access", AccessJson.Default.IpAccessConfig, config => new IpAccessFilter(config));
        registry.Add("istio.stats", StatsJson.Default.StatsConfig, config => new StatsFilter(config), ReceiverPhase.AfterRoute);
        registry.Add("jwt_authn", JwtJson.Default.JwtAuthnConfig, config => new JwtAuthnFilter(config));
        registry.Add("local_rate_limit", LimitsJson.Default.LocalRateLimitConfig, config => new LocalRateLimitFilter(config), ReceiverPhase.AfterRoute);
        registry.Add("mirror", configuration => WithHosts(configuration, MirrorJson.Default.MirrorConfig), config => new MirrorFilter(config), ReceiverPhase.AfterRoute);
        registry.Add("payload_limit", LimitsJson.Default.PayloadLimitConfig, config => new PayloadLimitFilter(config), ReceiverPhase.AfterRoute);
        registry.Add("metadata", MetadataJson.Default.MetadataConfig, config => new MetadataFilter(config));
        registry.Add("ratelimit", RateLimitConfig.Create, configuration => configuration.Read(RateLimitJson.Default.RateLimitRouteConfig));
        registry.Add("rbac", RbacJson.Default.RbacConfig, config => new RbacFilter(config), ReceiverPhase.AfterRoute);
        registry.Add("transcoder", TranscoderConfig.Create, TranscoderConfig.Read);
        registry.MetadataDrivers.Add("UNIT", MetadataJson.Default.UnitConfig, config => new UnitDriver(config));
        registry.MetadataDrivers.Add("IDC", MetadataJson.Default.IdcConfig, config => new IdcDriver(config));
        registry.MetadataDrivers.Add("ZONE", MetadataJson.Default.ZoneConfig, config => new ZoneDriver(config));
    }

    // What cannot do without hosts says so where the configuration loads.
    private static T WithHosts<T>(FilterConfiguration configuration, JsonTypeInfo<T> type)
    {
        var value = configuration.Read(type);
        configuration.RequireHosts();
        return value;
    }
}
