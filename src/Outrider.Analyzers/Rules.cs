using Microsoft.CodeAnalysis;

namespace Outrider.Analyzers;

/// <summary>The rules, each with its section in docs/analyzers.md.</summary>
public static class Rules
{
    /// <summary>A configuration's property is lost.</summary>
    public static readonly DiagnosticDescriptor InitProperty = Rule(
        "OUTRIDER101",
        "A configuration read by a source-generated context has no init properties with a default",
        "'{0}' is read by the source-generated context '{1}', which leaves an init property that the JSON does not name at null or 0, whatever its initializer says: write {{ get; set; }}");

    /// <summary>What follows the await is on another thread.</summary>
    public static readonly DiagnosticDescriptor ConfigureAwait = Rule(
        "OUTRIDER102",
        "A filter's await comes back to its stream's thread",
        "After ConfigureAwait(false) this filter is on another thread, where nothing of its stream can be touched: leave it out");

    /// <summary>A loop stands still.</summary>
    public static readonly DiagnosticDescriptor Blocking = Rule(
        "OUTRIDER103",
        "A filter does not block its loop",
        "'{0}' blocks the loop's thread, and with it every other stream there: await instead");

    /// <summary>Memory of the base's is read after it may have gone.</summary>
    public static readonly DiagnosticDescriptor KeptMemory = Rule(
        "OUTRIDER104",
        "What a base lends is not kept",
        "{0}");

    /// <summary>A metric without an end.</summary>
    public static readonly DiagnosticDescriptor MetricLabel = Rule(
        "OUTRIDER105",
        "A metric's label is not what a client says",
        "The label is taken from the request ('{0}'): whoever sends requests makes as many time series as they like. Label by a value of the configuration, or by one of a fixed few");

    private static DiagnosticDescriptor Rule(string id, string title, string message) => new(
        id, title, message, "Outrider", DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: "docs/analyzers.md#" + id.ToLowerInvariant());
}
