using System.Text.Json.Serialization;

namespace Outrider.StockFilters.Rbac;

/// <summary>Reads the configuration of <c>rbac</c> without reflection.</summary>
[JsonSerializable(typeof(RbacConfig))]
public sealed partial class RbacJson : JsonSerializerContext;
