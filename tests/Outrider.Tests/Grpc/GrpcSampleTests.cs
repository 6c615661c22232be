using System.Diagnostics;
using System.Globalization;
using Outrider.Tests.CommandLine;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Grpc;

/// <summary><c>samples/grpc</c> as its reader runs it.</summary>
public sealed class GrpcSampleTests
{
    [Fact]
    public async Task The_sample_says_what_its_page_promises()
    {
        string folder = Path.Combine(SampleCopy.Root, "samples", "grpc");
        var start = new ProcessStartInfo(Path.Combine(folder, "run")) { RedirectStandardOutput = true };
        start.Environment["SERVICE_PORT"] = OutriderProcess.FreePort().ToString(CultureInfo.InvariantCulture);
        start.Environment["PROXY_PORT"] = OutriderProcess.FreePort().ToString(CultureInfo.InvariantCulture);
        start.Environment["CONFIGURATION"] = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/')).Parent!.Name;
        start.Environment["OUTRIDER"] = "dotnet " + OutriderProcess.ProgramFile;
        using var run = Process.Start(start)!;

        string output = await run.StandardOutput.ReadToEndAsync().WaitAsync(TimeSpan.FromMinutes(5));
        await run.WaitForExitAsync().SoonAsync();

        string page = await File.ReadAllTextAsync(Path.Combine(folder, "README.md"));
        string promised = page[(page.IndexOf("prints\n```\n", StringComparison.Ordinal) + 11)..page.IndexOf("```\nand then", StringComparison.Ordinal)];
        const string log = """
            /greeter.Greeter/Greet Unauthenticated -
            /greeter.Greeter/Greet OK -
            /greeter.Greeter/CountDown OK -
            /greeter.Greeter/Sum OK -
            /greeter.Greeter/Chat OK -
            /greeter.Greeter/Greet NotFound -

            """;
        string expected = promised + log + "/greeter.Greeter/Greet ";
        Assert.Equal(expected, output[..Math.Min(expected.Length, output.Length)]);
        Assert.Equal(0, run.ExitCode);
    }
}
