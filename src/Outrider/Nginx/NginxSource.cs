using System.Text.RegularExpressions;

namespace Outrider.Nginx;

/// <summary>The headers and the configure script of an nginx: its whole source, or what Debian's nginx-dev brings of it.</summary>
internal sealed partial record NginxSource(string Folder, string Version, string Configure)
{
    // Where Debian's package nginx-dev puts them.
    private const string Debians = "/usr/share/nginx/src";

    /// <summary>The source for a program: the folder that was named, or else what is installed for it.</summary>
    /// <exception cref="IOException">There is none, or it is of another version; the message says what to do.</exception>
    internal static NginxSource For(NginxProgram program, string? named)
    {
        string folder = named ?? Debians;
        if (Read(folder) is not { } source)
        {
            throw new IOException(named is null
                ? $"the headers of nginx {program.Version} are not here: apt-get install nginx-dev (Debian's nginx), or name the source of {program.Version} with --nginx-source DIR"
                : $"{folder} is no source of nginx: src/core/nginx.h or configure is missing");
        }

        // A module of one version is refused by another ("is not binary compatible").
        return source.Version == program.Version || program.Version.StartsWith(source.Version + ".", StringComparison.Ordinal)
            ? source
            : throw new IOException($"{folder} is nginx {source.Version}, and {program.Path} is {program.Version}: name the source of {program.Version} with --nginx-source DIR");
    }

    private static NginxSource? Read(string folder)
    {
        string header = Path.Combine(folder, "src", "core", "nginx.h");
        // In a release the script lies at the top, in the repository under auto/.
        string? configure = new[] { "configure", Path.Combine("auto", "configure") }.FirstOrDefault(script => File.Exists(Path.Combine(folder, script)));
        if (!File.Exists(header) || configure is null)
        {
            return null;
        }

        var match = VersionDefinition().Match(File.ReadAllText(header));
        return match.Success ? new NginxSource(folder, match.Groups[1].Value, configure) : null;
    }

    [GeneratedRegex("""#define\s+NGINX_VERSION\s+"([^"]+)"\s*$""", RegexOptions.Multiline)]
    private static partial Regex VersionDefinition();
}
