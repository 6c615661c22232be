using Outrider.Tests.Modules;

namespace Outrider.Tests.Envoy;

/// <summary>A test that runs a stock Envoy with the Go module that <c>GO_MODULE</c> names. Skipped without one of them.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class EnvoyGoTheoryAttribute : TheoryAttribute
{
    public EnvoyGoTheoryAttribute() => Skip = new EnvoyFactAttribute().Skip ?? new GoModuleFactAttribute().Skip;
}
