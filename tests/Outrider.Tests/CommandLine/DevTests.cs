using Outrider.Tests.Envoy;
using Outrider.Tests.Harness;

namespace Outrider.Tests.CommandLine;

/// <summary><c>outrider dev</c> with a project that somebody is at work on.</summary>
[Collection(EnvoyCollection.Name)]
public sealed class DevTests : IDisposable
{
    private static readonly TimeSpan s_build = TimeSpan.FromMinutes(3);

    private readonly string _folder = Directory.CreateTempSubdirectory("outrider-dev-test-").FullName;
    private readonly string _temporary = Directory.CreateTempSubdirectory("outrider-dev-temp-").FullName;

    public DevTests()
    {
        File.WriteAllText(Path.Combine(_folder, "Directory.Build.props"), "<Project />");
        File.WriteAllText(Path.Combine(_folder, "mine.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup><TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings><EnableDynamicLoading>true</EnableDynamicLoading></PropertyGroup>
              <ItemGroup><Reference Include="{Path.Combine(AppContext.BaseDirectory, "Outrider.Filters.dll")}" Private="false" /></ItemGroup>
            </Project>
            """);
        Write("one");
    }

    public void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
        Directory.Delete(_temporary, recursive: true);
    }

    [Fact]
    public async Task What_is_saved_is_what_the_next_requests_run_and_each_ones_way_is_printed()
    {
        int port = OutriderProcess.FreePort();
        using var dev = Start("dev", _folder, "--listen", $"127.0.0.1:{port}");
        await Eventually.HoldsAsync(() => Task.FromResult(dev.Error.Contains("try: curl", StringComparison.Ordinal) || dev.HasExited), s_build);
        Assert.False(dev.HasExited, dev.Error);
        await dev.ListensAsync(port);

        Assert.Contains("x-version: one", await GetAsync(port), StringComparison.Ordinal);
        await Eventually.HoldsAsync(() => dev.Out.Contains("GET /hello -> 200 in ", StringComparison.Ordinal));
        Assert.Matches(@"(?m)^  stamp +DecodeHeaders +\d+\.\d{3} ms \+ \d+\.\d{3} ms waiting  Continue$", dev.Out);
        Assert.Matches(@"(?m)^  stamp +EncodeHeaders +\d+\.\d{3} ms  Continue$", dev.Out);

        // What does not build is told, and the version before goes on.
        File.WriteAllText(Path.Combine(_folder, "Filter.cs"), "no C#");
        await Eventually.HoldsAsync(() => Task.FromResult(dev.Error.Contains("it does not build: the version before stays", StringComparison.Ordinal)), s_build);
        Assert.Contains("error CS", dev.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Error(s)", dev.Error, StringComparison.Ordinal);
        Assert.Contains("x-version: one", await GetAsync(port), StringComparison.Ordinal);

        Write("two");
        await Eventually.HoldsAsync(async () => (await GetAsync(port)).Contains("x-version: two", StringComparison.Ordinal), s_build);

        dev.Signal(System.Runtime.InteropServices.PosixSignal.SIGINT);
        Assert.Equal(0, await dev.ExitAsync());
    }

    [EnvoyFact]
    public async Task The_same_inside_Envoy()
    {
        int port = OutriderProcess.FreePort();
        using var dev = Start("dev", _folder, "--listen", $"127.0.0.1:{port}", "--base", "envoy");
        await Eventually.HoldsAsync(() => Task.FromResult(dev.Error.Contains("try: curl", StringComparison.Ordinal) || dev.HasExited), s_build);
        await dev.ListensAsync(port);
        Assert.Contains("x-version: one", await GetAsync(port), StringComparison.Ordinal);

        Write("two");
        await Eventually.HoldsAsync(async () => (await GetAsync(port)).Contains("x-version: two", StringComparison.Ordinal), s_build);
        await Eventually.HoldsAsync(() => dev.Out.Contains("GET /hello -> 200 in ", StringComparison.Ordinal));
        await Eventually.HoldsAsync(() => dev.Error.Contains("is in force for new streams", StringComparison.Ordinal));

        dev.Signal(System.Runtime.InteropServices.PosixSignal.SIGTERM);
        Assert.Equal(0, await dev.ExitAsync());
    }

    [Fact]
    public async Task A_folder_without_a_project_is_said_to_be_one()
    {
        var (code, _, error) = await OutriderProcess.RunAsync("dev", Directory.CreateDirectory(Path.Combine(_folder, "empty")).FullName);

        Assert.NotEqual(0, code);
        Assert.Contains("there is no project in", error, StringComparison.Ordinal);
    }

    // The builds that it makes leave two empty folders behind, each of them: in a temporary folder of its own, which goes.
    private OutriderProcess Start(params string[] arguments)
        => OutriderProcess.StartOther("dotnet", new Dictionary<string, string> { ["TMPDIR"] = _temporary }, [OutriderProcess.ProgramFile, .. arguments]);

    private static Task<string> GetAsync(int port) => RawClient.ExchangeAsync(port, "GET /hello HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");

    private void Write(string version) => File.WriteAllText(Path.Combine(_folder, "Filter.cs"), $$"""
        using Outrider.Filters;
        [StreamFilter("stamp")]
        public sealed class StampFilter : StreamFilter
        {
            public override async ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
            {
                await Task.Delay(5);
                return FilterAction.Continue;
            }

            public override ValueTask<FilterAction> EncodeHeadersAsync(ResponseHeaders headers, bool endStream)
            {
                headers.Set("x-version", "{{version}}");
                return FilterAction.Continue;
            }
        }
        """);
}
