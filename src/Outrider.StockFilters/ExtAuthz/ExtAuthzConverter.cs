using Outrider.StockFilters.Messages;

namespace Outrider.StockFilters.ExtAuthz;

/// <summary>Reads the configuration in either spelling of its keys.</summary>
internal sealed class ExtAuthzConverter() : EnvoyMessageConverter<ExtAuthzConfig, ExtAuthzSettings>(ExtAuthzSettingsJson.Default.ExtAuthzSettings, static settings => new(settings), "contextExtensions");
