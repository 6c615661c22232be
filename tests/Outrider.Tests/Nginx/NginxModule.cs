using Outrider.Nginx;
using Outrider.Tests.CommandLine;
using Outrider.Tests.Envoy;

namespace Outrider.Tests.Nginx;

/// <summary>Our module for the nginx at hand, built once for all tests, as <c>outrider nginx build</c> does it (an nginx of one's own: first on the PATH, and its source in <c>OUTRIDER_NGINX_SOURCE</c>); and the modules of filters that they load.</summary>
public sealed class NginxModule : IDisposable
{
    private readonly Lazy<Task<string>> _built;

    public NginxModule()
    {
        Folder = Directory.CreateTempSubdirectory("outrider-nginx-").FullName;
        // Workers run as another user: what they load is for all to read.
        File.SetUnixFileMode(Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        _built = new(async () =>
        {
            var program = await NginxProgram.AskAsync(FactWithAttribute.Find("nginx")!);
            return await ModuleBuild.RunAsync(program, NginxSource.For(program, Environment.GetEnvironmentVariable("OUTRIDER_NGINX_SOURCE")), Path.Combine(SampleCopy.Root, "src", "Outrider.Nginx"), Folder, null);
        });
    }

    /// <summary>A folder that every user may read.</summary>
    internal string Folder { get; }

    /// <summary>The module's file.</summary>
    internal Task<string> BuiltAsync() => _built.Value;

    /// <summary>A copy of a library where the workers can read it.</summary>
    internal string Place(string library, string? name = null)
    {
        string copy = Path.Combine(Folder, name ?? Path.GetFileName(library));
        lock (_built)
        {
            if (!File.Exists(copy))
            {
                File.Copy(library, copy);
            }
        }

        return copy;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}

/// <summary>Tests with nginx share what was built, and run one after the other.</summary>
[CollectionDefinition(Name)]
[System.Diagnostics.CodeAnalysis.SuppressMessage("Naming", "CA1711", Justification = "What xunit calls it.")]
public sealed class NginxCollection : ICollectionFixture<NginxModule>
{
    internal const string Name = "Nginx";
}
