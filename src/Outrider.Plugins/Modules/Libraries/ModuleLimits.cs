namespace Outrider.Plugins.Modules.Libraries;

/// <summary>What a module may take outside of its streams' hooks.</summary>
/// <param name="Timeout">How long it is waited for when it loads, starts, and takes or leaves a configuration. Default: 10 s.</param>
/// <param name="MaxEvents">Events that it has scheduled and was not called for yet, for each scheduler. Default: 16,384 (of 8 bytes).</param>
internal sealed record ModuleLimits(TimeSpan Timeout, int MaxEvents)
{
    internal static ModuleLimits Default { get; } = new(TimeSpan.FromSeconds(10), 16 * 1024);
}
