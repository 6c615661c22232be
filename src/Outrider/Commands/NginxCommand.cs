using System.CommandLine;
using Outrider.Nginx;

namespace Outrider.Commands;

/// <summary>Builds the module that runs filters inside a stock nginx.</summary>
internal static class NginxCommand
{
    internal static Command Describe()
    {
        var output = new Option<string>("--out", "-o") { Description = "The folder for ngx_http_outrider_module.so", HelpName = "DIR", Required = true };
        var nginx = new Option<string?>("--nginx") { Description = "The program to build for; otherwise the one on the PATH or in /usr/sbin", HelpName = "FILE" };
        var source = new Option<string?>("--nginx-source") { Description = "The source of that version; not needed where nginx-dev is installed for it", HelpName = "DIR" };
        var compiler = new Option<string?>("--cc-opt") { Description = "More options for the compiler", HelpName = "OPTIONS" };
        var build = new Command("build", "Builds ngx_http_outrider_module.so for an nginx (docs/nginx.md)") { output, nginx, source, compiler };
        build.SetAction((result, _) => BuildAsync(result.GetRequiredValue(output), result.GetValue(nginx), result.GetValue(source), result.GetValue(compiler)));
        return new Command("nginx", "Filters inside a stock nginx") { build };
    }

    private static async Task<int> BuildAsync(string output, string? nginx, string? source, string? compilerOptions)
    {
        var program = await NginxProgram.AskAsync(nginx ?? FindNginx()).ConfigureAwait(false);
        string module = await ModuleBuild.RunAsync(program, NginxSource.For(program, source), FindModule(), Path.GetFullPath(output), compilerOptions).ConfigureAwait(false);
        await Console.Out.WriteLineAsync($"{module} (for nginx {program.Version}, {program.Path})").ConfigureAwait(false);
        return 0;
    }

    private static string FindNginx()
    {
        string[] folders = [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'), "/usr/sbin", "/usr/local/sbin", "/usr/local/nginx/sbin"];
        return folders.Where(folder => folder.Length > 0).Select(folder => Path.Combine(folder, "nginx")).FirstOrDefault(File.Exists)
            ?? throw new IOException("there is no nginx on the PATH: name it with --nginx FILE");
    }

    // Beside the program where it is published, or in the checkout that it was built from.
    private static string FindModule()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            foreach (string place in new[] { "nginx", Path.Combine("src", "Outrider.Nginx") })
            {
                string found = Path.Combine(folder.FullName, place);
                if (File.Exists(Path.Combine(found, "ngx_http_outrider_module.c")))
                {
                    return found;
                }
            }
        }

        throw new IOException($"the module's sources are not beside the program ({AppContext.BaseDirectory}nginx)");
    }
}
