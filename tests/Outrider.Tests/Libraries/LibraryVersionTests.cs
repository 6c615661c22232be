using System.Buffers.Binary;
using Microsoft.CodeAnalysis;
using Outrider.Filters;
using Outrider.Tests.CommandLine;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Libraries;

/// <summary>Assemblies that were built against another version of the extension API, have dependencies of their own, or are for another machine.</summary>
public sealed class LibraryVersionTests : IDisposable
{
    private static readonly Version s_own = typeof(StreamFilter).Assembly.GetName().Version!;
    private static readonly Version s_older = new(s_own.Major, s_own.Minor - 1, 7, 0), s_newer = new(s_own.Major, s_own.Minor + 1, 0, 0);

    private readonly LibraryProxy _proxy = new();

    public void Dispose() => _proxy.Dispose();

    [Fact]
    public async Task One_that_was_built_for_an_older_minor_version_runs()
    {
        CompiledLibrary.Write(_proxy.Library, CompiledLibrary.Source("old"), OtherApi.Of(s_older));
        _proxy.Configure();
        await _proxy.StartAsync();
        Assert.Equal("old", await _proxy.HeaderAsync());
    }

    [Fact]
    public async Task One_whose_older_version_had_what_is_gone_is_refused_and_both_versions_are_named()
    {
        CompiledLibrary.Write(_proxy.Library, CompiledLibrary.Source("v1"));
        _proxy.Configure();
        await _proxy.StartAsync();

        CompiledLibrary.Write(_proxy.Library, CompiledLibrary.Source("v2", onResponse: "_ = headers.GetOldTxt(\"x\");"), OtherApi.Of(s_older, "GetString", "GetOldTxt"));

        await _proxy.LogsAsync($"it was built for Outrider.Filters {s_older}, and this proxy has {s_own}: what it refers to is not there: ");
        Assert.Contains("GetOldTxt", _proxy.Log, StringComparison.Ordinal);
        Assert.Equal("v1", await _proxy.HeaderAsync());
    }

    [Fact]
    public async Task One_that_was_built_for_a_newer_version_is_refused_and_both_versions_are_named()
    {
        CompiledLibrary.Write(_proxy.Library, CompiledLibrary.Source("v1"));
        _proxy.Configure();
        await _proxy.StartAsync();

        CompiledLibrary.Write(_proxy.Library, CompiledLibrary.Source("v2"), OtherApi.Of(s_newer));

        await _proxy.LogsAsync($"it was built for Outrider.Filters {s_newer}, and this proxy has {s_own}");
        Assert.Equal("v1", await _proxy.HeaderAsync());
    }

    [Fact]
    public async Task A_dependency_that_changes_alone_makes_a_new_version()
    {
        void Depend(string text) => CompiledLibrary.Write(Path.Combine(_proxy.Folder, "dependency.dll"), $"public static class Dependency {{ public static string Text() => \"{text}\"; }}");
        Depend("one");
        CompiledLibrary.Write(_proxy.Library, CompiledLibrary.Source("v1", onResponse: "headers.Set(\"x-dependency\", Dependency.Text());"), MetadataReference.CreateFromFile(Path.Combine(_proxy.Folder, "dependency.dll")));
        _proxy.Configure();
        await _proxy.StartAsync();
        Assert.Equal("one", await _proxy.HeaderAsync("x-dependency"));

        Depend("two");

        await _proxy.LogsAsync("version 2");
        Assert.Equal("two", await _proxy.HeaderAsync("x-dependency"));
    }

    [Fact]
    public async Task What_is_for_another_machine_is_named()
    {
        string said;
        bool isArm = System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.Arm64;
        foreach (var (platform, name) in new[] { (Platform.X86, "x86"), isArm ? (Platform.X64, "x86-64") : (Platform.Arm64, "arm64") })
        {
            File.WriteAllBytes(_proxy.Library, CompiledLibrary.Compile("filters", CompiledLibrary.Source("v1"), platform: platform));
            _proxy.Configure();
            said = (await OutriderProcess.RunAsync("check", "-c", _proxy.Configuration)).Error;
            Assert.True(said.Contains($"filters.dll: it is for another kind of machine ({name}; this process is ", StringComparison.Ordinal), said);
        }

        // An ELF file of 64 bits for s390x.
        byte[] library = new byte[256];
        ((ReadOnlySpan<byte>)[0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1]).CopyTo(library);
        BinaryPrimitives.WriteInt16LittleEndian(library.AsSpan(16), 3);
        BinaryPrimitives.WriteInt16LittleEndian(library.AsSpan(18), 22);
        BinaryPrimitives.WriteInt32LittleEndian(library.AsSpan(20), 1);
        File.WriteAllBytes(Path.Combine(_proxy.Folder, "other.so"), library);
        _proxy.Configure("""{"type":"library","library":{"path":"./other.so","filter":"x"}}""");
        said = (await OutriderProcess.RunAsync("check", "-c", _proxy.Configuration)).Error;
        Assert.True(said.Contains("it is for another kind of machine", StringComparison.Ordinal), said);
    }
}
