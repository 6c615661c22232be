namespace Outrider.Tests.Http.V2;

/// <summary>A test that wants h2spec: skipped where <c>H2SPEC_BIN</c> names none.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class FactWithH2SpecAttribute : FactAttribute
{
    public FactWithH2SpecAttribute()
    {
        if (Program is null)
        {
            Skip = "H2SPEC_BIN does not name h2spec";
        }
    }

    internal static string? Program { get; } = Environment.GetEnvironmentVariable("H2SPEC_BIN") is { Length: > 0 } program && File.Exists(program) ? program : null;
}
