namespace Outrider.Tests.Plugins;

/// <summary>A test that wants files of Debian's packages: skipped, with the line that installs them, where they are missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class FactWithDebianAttribute : FactAttribute
{
    public FactWithDebianAttribute(params string[] files)
    {
        var missing = files.Where(file => !File.Exists(file)).ToList();
        if (missing.Count > 0)
        {
            Skip = $"missing: {string.Join(", ", missing)}; as root: apt-get update && apt-get install -y --no-install-recommends "
                + "python3-grpcio default-jdk-headless libgrpc-java libnetty-java libperfmark-java libprotobuf-java libguava-java libgoogle-gson-java";
        }
    }
}
