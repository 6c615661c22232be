using System.Globalization;

namespace Outrider.Tests.CommandLine;

public sealed class UsualFormsTests
{
    [Theory]
    [InlineData(false, "-c", "{0}", "--warm-up", "no")]
    [InlineData(true, "--warm-up=no", "--config={0}")]
    public async Task A_proxy_that_is_started_in_the_usual_way_keeps_no_command_line_library(bool kept, params string[] arguments)
    {
        using var sample = new SampleCopy(1);
        using var proxy = OutriderProcess.Start(["start", .. arguments.Select(argument => string.Format(CultureInfo.InvariantCulture, argument, sample.File))]);
        await proxy.ListensAsync(sample.Port);

        Assert.Equal(kept, (await File.ReadAllTextAsync($"/proc/{proxy.Id}/maps")).Contains("System.CommandLine.dll", StringComparison.Ordinal));
    }
}
