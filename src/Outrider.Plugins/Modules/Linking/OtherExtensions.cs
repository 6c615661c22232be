using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Outrider.Filters;
using Outrider.Modules.Abi;
using Outrider.Plugins.Modules.Logging;

namespace Outrider.Plugins.Modules.Linking;

/// <summary>
/// The callbacks of extensions that are no HTTP filters. A module that was linked against one of Envoy's SDKs refers to all of
/// them, and calls none if it has only filters: so they exist, and say no as Envoy does where an extension is not there. Any thread.
/// </summary>
internal static unsafe class OtherExtensions
{
    private static readonly string[] s_names = Read();
    private static readonly string[] s_metricVerbs =
        ["_define_counter", "_define_gauge", "_define_histogram", "_increment_", "_decrement_", "_set_gauge", "_record_histogram_value"];

    private static readonly bool[] s_called = new bool[s_names.Length];

    /// <summary>Their names.</summary>
    internal static IReadOnlyList<string> Names => s_names;

    /// <summary>The function that answers for all of them: the number of the name goes in, what the callback returns comes out.</summary>
    internal static nint Answering => (nint)(delegate* unmanaged[Cdecl]<int, nint>)&Answer;

    /// <summary>What a callback of that name returns: "not found" of a metric, "cannot create" of a callout, and 0 (false, null, none) of all others.</summary>
    internal static nint AnswerOf(string name)
        => name.EndsWith("_http_callout", StringComparison.Ordinal) ? (nint)CalloutStart.CannotCreateRequest
        : s_metricVerbs.Any(verb => name.Contains(verb, StringComparison.Ordinal)) ? (nint)MetricsResult.MetricNotFound
        : 0;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint Answer(int index)
    {
        Linking.CallbackGuard.Enter();
        try
        {
            string name = s_names[index];
            if (!s_called[index])
            {
                // Once: what a module does with every request must not fill the log.
                s_called[index] = true;
                ModuleLog.Write(StreamLogLevel.Warn, $"a module called {name}: Outrider has HTTP filters only, so the answer is no");
            }

            return AnswerOf(name);
        }
        catch (Exception e)
        {
            Linking.CallbackGuard.Report(e);
            return 0;
        }
    }

    private static string[] Read()
    {
        using var reader = new StreamReader(typeof(OtherExtensions).Assembly.GetManifestResourceStream("OtherExtensions.txt")!);
        return [.. reader.ReadToEnd().Split('\n').Where(line => line is not ("" or ['#', ..])).Select(line => Linking.CallbackGuard.Prefix + line)];
    }
}
