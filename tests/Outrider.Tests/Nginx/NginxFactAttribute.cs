using Outrider.Tests.CommandLine;

namespace Outrider.Tests.Nginx;

/// <summary>A test that builds our module for the nginx at hand and runs it there; skipped, with the line that installs what is missing, where that cannot be.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class NginxFactAttribute : FactAttribute
{
    public NginxFactAttribute() => Skip = Missing;

    /// <summary>What to install, or null.</summary>
    internal static string? Missing { get; } =
        FactWithAttribute.Find("nginx") is null || !File.Exists("/usr/share/nginx/src/src/core/nginx.h") || FactWithAttribute.Find("gcc") is null || FactWithAttribute.Find("make") is null
            ? "no nginx to build for: apt-get update && apt-get install -y nginx-light nginx-dev libpcre2-dev zlib1g-dev libssl-dev gcc libc6-dev make"
            : null;
}

/// <summary>As <see cref="NginxFactAttribute"/>, for several cases.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class NginxTheoryAttribute : TheoryAttribute
{
    public NginxTheoryAttribute() => Skip = NginxFactAttribute.Missing;
}
