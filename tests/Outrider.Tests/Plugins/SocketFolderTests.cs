using System.Net.Sockets;
using Outrider.Plugins.Processes.Launching;

namespace Outrider.Tests.Plugins;

public sealed class SocketFolderTests : IDisposable
{
    private readonly string _parent = Directory.CreateTempSubdirectory("outrider-test-").FullName;

    public void Dispose() => Directory.Delete(_parent, recursive: true);

    [Fact]
    public void It_is_private_and_goes_with_its_sockets()
    {
        string path;
        using (var folder = new SocketFolder(_parent))
        {
            path = folder.Path;
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(path));
            using var socket = Listen(Path.Combine(path, "plugin1"));
        }

        Assert.False(Directory.Exists(path));
    }

    [Fact]
    public void What_a_dead_proxy_left_is_removed_and_what_a_living_one_has_is_not()
    {
        using var living = new SocketFolder(_parent);
        string alive = living.Path;
        string dead = Path.Combine(_parent, "outrider-plugins-1-dead");
        Directory.CreateDirectory(dead, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.WriteAllText(Path.Combine(dead, ".lock"), "");
        using var socket = Listen(Path.Combine(dead, "plugin1"));

        using var next = new SocketFolder(_parent);

        Assert.True(Directory.Exists(next.Path));
        Assert.True(File.Exists(Path.Combine(alive, ".lock")));
        Assert.False(Directory.Exists(dead));
    }

    [Theory]
    [InlineData("without a lock")]
    [InlineData("open to others")]
    [InlineData("with files of somebody")]
    [InlineData("with folders of somebody")]
    [InlineData("a link")]
    [InlineData("with a link as lock")]
    public void What_only_has_the_name_stays(string kind)
    {
        string precious = Path.Combine(_parent, "precious");
        Directory.CreateDirectory(precious);
        File.WriteAllText(Path.Combine(precious, "data"), "kept");
        File.WriteAllText(Path.Combine(precious, ".lock"), "kept");
        File.SetUnixFileMode(precious, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        // A number that no process has: a name is all that there is to go by.
        string folder = Path.Combine(_parent, "outrider-plugins-4194305-x");
        if (kind == "a link")
        {
            Directory.CreateSymbolicLink(folder, precious);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        switch (kind)
        {
            case "open to others":
                File.WriteAllText(Path.Combine(folder, ".lock"), "");
                File.SetUnixFileMode(folder, File.GetUnixFileMode(folder) | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute);
                break;
            case "with files of somebody":
                File.WriteAllText(Path.Combine(folder, ".lock"), "");
                File.WriteAllText(Path.Combine(folder, "data"), "kept");
                break;
            case "with folders of somebody":
                File.WriteAllText(Path.Combine(folder, ".lock"), "");
                Directory.CreateDirectory(Path.Combine(folder, "data"));
                break;
            case "with a link as lock":
                File.CreateSymbolicLink(Path.Combine(folder, ".lock"), Path.Combine(precious, ".lock"));
                break;
        }

        using (var next = new SocketFolder(_parent))
        {
            Assert.True(Directory.Exists(next.Path));
        }

        Assert.True(Path.Exists(folder), "it is gone");
        Assert.Equal("kept", File.ReadAllText(Path.Combine(precious, "data")));
        Assert.Equal("kept", File.ReadAllText(Path.Combine(precious, ".lock")));
        Assert.True(!kind.StartsWith("with f", StringComparison.Ordinal) || Path.Exists(Path.Combine(folder, "data")), "what lay in it is gone");
    }

    private static Socket Listen(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        socket.Listen();
        return socket;
    }
}
