namespace Outrider.Tests.Modules;

/// <summary>A test that loads a module on Envoy's Go SDK, which <c>GO_MODULE</c> names (filters <c>auth</c> and <c>delay</c>). Without one it is skipped.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class GoModuleFactAttribute : FactAttribute
{
    public GoModuleFactAttribute()
    {
        if (File is null)
        {
            Skip = "no Go module: GO_MODULE does not name one";
        }
    }

    internal static string? File { get; } = Environment.GetEnvironmentVariable("GO_MODULE") is { Length: > 0 } file && System.IO.File.Exists(file) ? file : null;
}
