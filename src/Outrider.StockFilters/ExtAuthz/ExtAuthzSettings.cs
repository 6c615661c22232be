using System.ComponentModel.DataAnnotations;
using Outrider.StockFilters.Messages;

namespace Outrider.StockFilters.ExtAuthz;

/// <summary>The messages <c>ExtAuthz</c> and <c>ExtAuthzPerRoute</c>.</summary>
internal sealed class ExtAuthzSettings
{
    /// <summary>Who is asked in gRPC.</summary>
    public GrpcServiceSettings? GrpcService { get; set; }

    /// <summary>Who is asked in HTTP.</summary>
    public HttpServiceSettings? HttpService { get; set; }

    /// <summary>The version of the messages; <c>V3</c> alone.</summary>
    [AllowedValues("V3", "AUTO")]
    public string TransportApiVersion { get; set; } = "V3";

    /// <summary>Do requests pass while the service does not answer? Default false.</summary>
    public bool FailureModeAllow { get; set; }

    /// <summary>Is the upstream told of it, by <c>x-envoy-auth-failure-mode-allowed</c>? Default false.</summary>
    public bool FailureModeAllowHeaderAdd { get; set; }

    /// <summary>Shows the service the request's body.</summary>
    public BufferSettings? WithRequestBody { get; set; }

    /// <summary>Is the route found anew where the service has changed headers? Default false.</summary>
    public bool ClearRouteCache { get; set; }

    /// <summary>The status while the service does not answer. Default 403.</summary>
    public HttpStatusSettings? StatusOnError { get; set; }

    /// <summary>The headers that the service is shown. Default: all in gRPC; in HTTP <c>authorization</c> alone.</summary>
    public StringListSettings? AllowedHeaders { get; set; }

    /// <summary>Headers that it is not shown, whatever else says. Default: none.</summary>
    public StringListSettings? DisallowedHeaders { get; set; }

    /// <summary>Are headers in <c>header_map</c>, as bytes, one by one? Of gRPC. Default false.</summary>
    public bool EncodeRawHeaders { get; set; }

    /// <summary>Is the service told the name that the client asked for in TLS? Of gRPC. Default false.</summary>
    public bool IncludeTlsSession { get; set; }

    /// <summary>A part of Envoy's names of statistics: without effect.</summary>
    public string StatPrefix { get; set; } = "";

    /// <summary>Of a route: requests pass unasked.</summary>
    public bool Disabled { get; set; }

    /// <summary>Of a route: what is otherwise here.</summary>
    public CheckSettings? CheckSettings { get; set; }
}
