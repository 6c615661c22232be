namespace Outrider.Tests.Plugins;

/// <summary>A test that wants a real MOSN: skipped where <c>MOSN_BIN</c> names none.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class FactWithMosnAttribute : FactAttribute
{
    public FactWithMosnAttribute()
    {
        if (Program is null)
        {
            Skip = "MOSN_BIN does not name a MOSN with the filter demo_plugin";
        }
    }

    internal static string? Program { get; } = Environment.GetEnvironmentVariable("MOSN_BIN") is { Length: > 0 } program && File.Exists(program) ? program : null;
}
