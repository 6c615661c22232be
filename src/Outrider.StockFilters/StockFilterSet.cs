using Outrider.Filters;
using Outrider.StockFilters.Access;
using Outrider.StockFilters.Auth;
using Outrider.StockFilters.Compression;
using Outrider.StockFilters.Cors;
using Outrider.StockFilters.Echoing;
using Outrider.StockFilters.Faults;
using Outrider.StockFilters.Jwt;
using Outrider.StockFilters.Labels;
using Outrider.StockFilters.Limits;
using Outrider.StockFilters.Metadata;
using Outrider.StockFilters.Mirroring;
using Outrider.StockFilters.Mutation;
using Outrider.StockFilters.Scripting;

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
        registry.Add("fault", FaultsJson.Default.FaultConfig, config => new FaultFilter(config), ReceiverPhase.AfterRoute);
        registry.Add("flowControlFilter", LimitsJson.Default.FlowControlConfig, config => new FlowControlFilter(config), ReceiverPhase.AfterRoute);
        registry.Add("gzip", CompressionJson.Default.GzipConfig, config => new GzipFilter(config));
        registry.Add("header_mutation", MutationJson.Default.HeaderMutationConfig, config => new HeaderMutationFilter(config), ReceiverPhase.AfterRoute);
        registry.Add("header_to_metadata", LabelsJson.Default.HeaderToMetadataConfig, config => new HeaderToMetadataFilter(config), ReceiverPhase.AfterRoute);
        registry.Add("ip_access", AccessJson.Default.IpAccessConfig, config => new IpAccessFilter(config));
        registry.Add("jwt_authn", JwtJson.Default.JwtAuthnConfig, config => new JwtAuthnFilter(config));
        registry.Add("local_rate_limit", LimitsJson.Default.LocalRateLimitConfig, config => new LocalRateLimitFilter(config), ReceiverPhase.AfterRoute);
        registry.Add("mirror", MirrorJson.Default.MirrorConfig, config => new MirrorFilter(config), ReceiverPhase.AfterRoute);
        registry.Add("payload_limit", LimitsJson.Default.PayloadLimitConfig, config => new PayloadLimitFilter(config), ReceiverPhase.AfterRoute);
        registry.Add("metadata", MetadataJson.Default.MetadataConfig, config => new MetadataFilter(config));
        registry.MetadataDrivers.Add("UNIT", MetadataJson.Default.UnitConfig, config => new UnitDriver(config));
        registry.MetadataDrivers.Add("IDC", MetadataJson.Default.IdcConfig, config => new IdcDriver(config));
        registry.MetadataDrivers.Add("ZONE", MetadataJson.Default.ZoneConfig, config => new ZoneDriver(config));
    }
}
