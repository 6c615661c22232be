using Outrider.Filters;

namespace Outrider.Assemblies;

/// <summary>A factory whose filters share one configuration object.</summary>
internal interface IConfiguredFactory : IStreamFilterFactory
{
    /// <summary>The object; null where the filter takes no configuration.</summary>
    object? Configuration { get; }
}
