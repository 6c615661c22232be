using Outrider.StockFilters.Messages;

namespace Outrider.StockFilters.Rbac;

/// <summary>Reads the configuration in either spelling of its keys.</summary>
internal sealed class RbacConverter() : EnvoyMessageConverter<RbacConfig, RbacSettings>(RbacSettingsJson.Default.RbacSettings, static settings => new(settings), "policies");
