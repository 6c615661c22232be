namespace Outrider.Tests.CommandLine;

/// <summary>A test that wants real programs of others: skipped, with the line that installs them, where they are missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class FactWithAttribute : FactAttribute
{
    public FactWithAttribute(params string[] programs)
    {
        var missing = programs.Where(program => Find(program) is null).ToList();
        if (missing.Count > 0)
        {
            Skip = $"missing: {string.Join(", ", missing)}; as root: apt-get update && apt-get install -y nginx-light curl";
        }
    }

    internal static string? Find(string program)
        => $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin".Split(':').Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
}
