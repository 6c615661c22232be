using System.Text.Json.Serialization;

namespace Outrider.StockFilters.ExtAuthz;

/// <summary>Reads the configuration of <c>ext_authz</c> without reflection.</summary>
[JsonSerializable(typeof(ExtAuthzConfig))]
public sealed partial class ExtAuthzJson : JsonSerializerContext;
