using System.Text;

namespace Outrider.Nginx;

/// <summary>What an nginx says of itself (<c>nginx -V</c>): its version, and what it was configured with.</summary>
internal sealed record NginxProgram(string Path, string Version, IReadOnlyList<string> Arguments)
{
    /// <summary>Asks the program.</summary>
    /// <exception cref="IOException">It cannot be run, or is no nginx.</exception>
    internal static async Task<NginxProgram> AskAsync(string path)
    {
        var (code, output) = await BuildStep.RunAsync(path, ["-V"], folder: null).ConfigureAwait(false);
        if (code != 0)
        {
            throw new IOException($"{path} -V ended with {code}: {output.Trim()}");
        }

        return Parse(path, output);
    }

    /// <summary>Reads what <c>nginx -V</c> prints.</summary>
    /// <exception cref="IOException">There is no version in it.</exception>
    internal static NginxProgram Parse(string path, string output)
    {
        const string VersionLine = "nginx version: ";
        const string ArgumentsLine = "configure arguments:";
        string? version = null;
        IReadOnlyList<string> arguments = [];
        foreach (string line in output.Split('\n'))
        {
            if (line.StartsWith(VersionLine, StringComparison.Ordinal))
            {
                // nginx/1.22.1, openresty/1.25.3.1: the name is the distributor's.
                version = line[VersionLine.Length..].Split(' ')[0].Trim().Split('/')[^1];
            }
            else if (line.StartsWith(ArgumentsLine, StringComparison.Ordinal))
            {
                arguments = Split(line[ArgumentsLine.Length..]);
            }
        }

        return version is null ? throw new IOException($"{path} is no nginx: {output.Trim()}") : new NginxProgram(path, version, arguments);
    }

    // As a shell would: nginx prints values that hold blanks in single quotes.
    private static List<string> Split(string line)
    {
        var all = new List<string>();
        var one = new StringBuilder();
        bool quoted = false, any = false;
        foreach (char c in line)
        {
            if (c == '\'')
            {
                quoted = !quoted;
                any = true;
            }
            else if (!quoted && char.IsWhiteSpace(c))
            {
                if (any)
                {
                    all.Add(one.ToString());
                    one.Clear();
                    any = false;
                }
            }
            else
            {
                one.Append(c);
                any = true;
            }
        }

        if (any)
        {
            all.Add(one.ToString());
        }

        return all;
    }
}
