using Outrider.Tests.Harness;

namespace Outrider.Tests.Envoy;

/// <summary>A test that runs a stock Envoy in a control group with a limit of memory. Skipped without an Envoy, or where no such group can be made.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class MemoryGroupFactAttribute : FactAttribute
{
    private static readonly Lazy<bool> s_canMake = new(static () =>
    {
        using var group = MemoryGroup.TryMake(1 << 30);
        return group is not null;
    });

    public MemoryGroupFactAttribute() => Skip = new EnvoyFactAttribute().Skip ?? (s_canMake.Value ? null : "no control group with a limit of memory can be made: wants root and the memory controller");
}
