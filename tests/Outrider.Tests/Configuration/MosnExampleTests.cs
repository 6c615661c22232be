using Outrider.Proxy.Configuration;
using Xunit.Abstractions;

namespace Outrider.Tests.Configuration;

/// <summary>
/// Loads MOSN's own example configurations from a checkout that <c>OUTRIDER_MOSN_EXAMPLES</c> names; without it there is nothing
/// to do, since none of their text is copied here.
/// </summary>
public class MosnExampleTests(ITestOutputHelper output)
{
    // What a file may be refused for: features that are not there yet, each named by its message.
    private static readonly string[] s_knownLimits =
    [
        "TLS is not supported yet", "\"X\" is not supported yet", "\"Http2\" is not supported yet", "wanted Http1 or Auto", "wanted one of LB_", "must hold a filter of type",
        "wanted a network filter that exists", "udp is not supported yet", "no router is named", "would match every request", "must hold exactly one server",
        "must hold exactly one filter chain",

        // One example writes its admin port as a string, which Go's decoder refuses too.
        "found the string \"15000\"",
    ];

    [Fact]
    public void Every_example_loads_or_is_refused_for_a_named_feature_only()
    {
        string? directory = Environment.GetEnvironmentVariable("OUTRIDER_MOSN_EXAMPLES");
        if (string.IsNullOrEmpty(directory))
        {
            return;
        }

        List<string> unexpected = [];
        int loaded = 0;
        foreach (string file in Directory.EnumerateFiles(directory, "*.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            try
            {
                LoadedConfiguration result = ConfigurationLoader.Load(file);
                loaded++;
                output.WriteLine($"loaded {file}");
                foreach (ConfigurationProblem warning in result.Warnings)
                {
                    output.WriteLine($"  warning: {warning}");
                }
            }
            catch (ConfigurationException e)
            {
                output.WriteLine($"REFUSED {file}");
                foreach (ConfigurationProblem problem in e.Problems)
                {
                    output.WriteLine($"  {problem}");
                    if (!s_knownLimits.Any(limit => problem.Message.Contains(limit, StringComparison.Ordinal)))
                    {
                        unexpected.Add(problem.ToString());
                    }
                }
            }
        }

        Assert.True(loaded > 0);
        Assert.Empty(unexpected);
    }
}
