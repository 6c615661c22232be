namespace Outrider.Nginx;

/// <summary>
/// Builds <c>ngx_http_outrider_module.so</c> for an nginx: configures its source as the program was configured, in a folder of its
/// own, and compiles the module alone.
/// </summary>
internal static class ModuleBuild
{
    internal const string FileName = "ngx_http_outrider_module.so";

    // Features that would ask for libraries or for sources that are not the module's business. What they are built as does not
    // change what modules share with nginx.
    private static readonly string[] s_leftOut = ["--add-module=", "--add-dynamic-module=", "--with-pcre=", "--with-zlib=", "--with-openssl=", "--with-openssl-opt=", "--with-libatomic=", "--builddir="];

    private static readonly string[] s_libraries = ["http_xslt", "http_image_filter", "http_geoip", "http_perl", "stream_geoip", "google_perftools", "mail", "stream"];

    /// <summary>Builds the module into <paramref name="output"/>. Returns its path.</summary>
    /// <exception cref="IOException">It cannot be built; the message holds what the step that failed has printed.</exception>
    internal static async Task<string> RunAsync(NginxProgram program, NginxSource source, string module, string output, string? compilerOptions)
    {
        string work = Directory.CreateTempSubdirectory("outrider-nginx-").FullName;
        try
        {
            string tree = Path.Combine(work, "source"), objects = Path.Combine(work, "objects");
            // configure writes beside itself, and an installed source is not ours to write to.
            await StepAsync("cp", ["-r", source.Folder, tree], null).ConfigureAwait(false);
            string[] options = [.. Options(program.Arguments), "--add-dynamic-module=" + module, "--builddir=" + objects];
            if (compilerOptions is not null)
            {
                options = [.. WithCompilerOptions(options, compilerOptions)];
            }

            await StepAsync("sh", [source.Configure, .. options], tree).ConfigureAwait(false);
            await StepAsync("make", ["-f", Path.Combine(objects, "Makefile"), "modules"], tree).ConfigureAwait(false);
            Directory.CreateDirectory(output);
            string target = Path.Combine(output, FileName);
            BuildStep.Place(Path.Combine(objects, FileName), target);
            return target;
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    /// <summary>What of a program's configuration is to be repeated for a module of it.</summary>
    internal static IEnumerable<string> Options(IEnumerable<string> arguments)
    {
        foreach (string argument in arguments)
        {
            if (s_leftOut.Any(prefix => argument.StartsWith(prefix, StringComparison.Ordinal))
                || s_libraries.Any(library => argument.StartsWith("--with-" + library, StringComparison.Ordinal)))
            {
                continue;
            }

            yield return argument;
        }
    }

    private static IEnumerable<string> WithCompilerOptions(string[] options, string more)
    {
        const string Compiler = "--with-cc-opt=", Linker = "--with-ld-opt=";
        string compiler = more, linker = more;
        foreach (string option in options)
        {
            if (option.StartsWith(Compiler, StringComparison.Ordinal))
            {
                compiler = option[Compiler.Length..] + " " + more;
            }
            else if (option.StartsWith(Linker, StringComparison.Ordinal))
            {
                linker = option[Linker.Length..] + " " + more;
            }
            else
            {
                yield return option;
            }
        }

        yield return Compiler + compiler;
        yield return Linker + linker;
    }

    private static async Task StepAsync(string program, string[] arguments, string? folder)
    {
        var (code, output) = await BuildStep.RunAsync(program, arguments, folder).ConfigureAwait(false);
        if (code != 0)
        {
            // The end is what tells: the compiler's error, or the library that configure misses.
            string last = string.Join('\n', output.TrimEnd().Split('\n').TakeLast(12));
            throw new IOException($"{program} {arguments[0]} ended with {code}:\n{last}");
        }
    }
}
