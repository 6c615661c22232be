using Outrider.Filters;

namespace Outrider.Proxy.Entries;

/// <summary>A plugin as one entry of a configuration has it.</summary>
internal interface IRegisteredPlugin : IPlugin
{
    /// <summary>Are both the same processes?</summary>
    bool IsSame(IPlugin other);
}
