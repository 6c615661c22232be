using Outrider.Tests.CommandLine;

namespace Outrider.Tests.Modules;

/// <summary>A test that builds its module with a compiler: skipped, with the line that installs it, where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class CompilerFactAttribute : FactAttribute
{
    public CompilerFactAttribute(string compiler)
    {
        if (FactWithAttribute.Find(compiler) is null)
        {
            Skip = $"missing: {compiler}; as root: apt-get update && apt-get install -y {(compiler == "gcc" ? "gcc libc6-dev" : "rustc")}";
        }
    }
}

/// <summary>As <see cref="CompilerFactAttribute"/>, for several cases.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class CompilerTheoryAttribute : TheoryAttribute
{
    public CompilerTheoryAttribute(string compiler) => Skip = new CompilerFactAttribute(compiler).Skip;
}
