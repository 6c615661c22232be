using System;
using System.Collections.Immutable;
using System.Linq;
using System.Text;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Outrider.Envoy.Generator;

/// <summary>
/// Writes the one function that Envoy calls when it has loaded a module: it registers every class with
/// <c>[StreamFilter]</c>, <c>[MetadataDriver]</c> or <c>[Transcoder]</c>, and the stock filters where the project refers to them, without reflection. All
/// other exports are Outrider.Envoy's own.
/// </summary>
[Generator(LanguageNames.CSharp)]
public sealed class ModuleGenerator : IIncrementalGenerator
{
    private const string Attribute = "Outrider.Filters.StreamFilterAttribute";

    private const string DriverAttribute = "Outrider.Filters.MetadataDriverAttribute";

    private const string TranscoderAttribute = "Outrider.Filters.TranscoderAttribute";

    private const string StockFilters = "Outrider.StockFilters.StockFilterSet";

    private static readonly DiagnosticDescriptor s_noContext = new(
        "OUTRIDER001",
        "A filter's configuration needs a JsonContext",
        "{0} takes a configuration of type {1}: name a source-generated JsonSerializerContext for it, [StreamFilter(\"{2}\", JsonContext = typeof(…))], as a native module has no reflection to read it by",
        "Outrider",
        DiagnosticSeverity.Error,
        isEnabledByDefault: true);

    private static readonly DiagnosticDescriptor s_badConstructor = new(
        "OUTRIDER002",
        "A filter has one public constructor",
        "{0} must have one public constructor, with one parameter (its configuration) or none",
        "Outrider",
        DiagnosticSeverity.Error,
        isEnabledByDefault: true);

    private static readonly DiagnosticDescriptor s_notAFilter = new(
        "OUTRIDER003",
        "[StreamFilter] stands on a filter",
        "{0} has [StreamFilter] but is not a public class that derives from StreamFilter",
        "Outrider",
        DiagnosticSeverity.Error,
        isEnabledByDefault: true);

    private static readonly DiagnosticDescriptor s_notADriver = new(
        "OUTRIDER004",
        "[MetadataDriver] stands on a driver",
        "{0} has [MetadataDriver] but is not a public class that implements IMetadataDriver",
        "Outrider",
        DiagnosticSeverity.Error,
        isEnabledByDefault: true);

    private static readonly DiagnosticDescriptor s_notATranscoder = new(
        "OUTRIDER005",
        "[Transcoder] stands on a transcoder",
        "{0} has [Transcoder] but is not a public class that implements ITranscoder",
        "Outrider",
        DiagnosticSeverity.Error,
        isEnabledByDefault: true);

    private static readonly DiagnosticDescriptor[] s_problems = [s_noContext, s_badConstructor, s_notAFilter, s_notADriver, s_notATranscoder];

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var filters = context.SyntaxProvider
            .ForAttributeWithMetadataName(Attribute, static (node, _) => node is ClassDeclarationSyntax, static (found, _) => Read(found, PartKind.Filter))
            .Collect();
        var drivers = context.SyntaxProvider
            .ForAttributeWithMetadataName(DriverAttribute, static (node, _) => node is ClassDeclarationSyntax, static (found, _) => Read(found, PartKind.Driver))
            .Collect();
        var transcoders = context.SyntaxProvider
            .ForAttributeWithMetadataName(TranscoderAttribute, static (node, _) => node is ClassDeclarationSyntax, static (found, _) => Read(found, PartKind.Transcoder))
            .Collect();
        var hasStockFilters = context.CompilationProvider.Select(static (compilation, _) => compilation.GetTypeByMetadataName(StockFilters) is not null);
        var isModule = context.AnalyzerConfigOptionsProvider.Select(static (options, _)
            => options.GlobalOptions.TryGetValue("build_property.PublishAot", out string? value) && string.Equals(value, "true", StringComparison.OrdinalIgnoreCase));
        context.RegisterSourceOutput(filters.Combine(drivers).Combine(transcoders).Combine(hasStockFilters).Combine(isModule), static (output, found) =>
        {
            if (found.Right)
            {
                var (((ofFilters, ofDrivers), ofTranscoders), hasStockFilters) = found.Left;
                Write(output, ofFilters.AddRange(ofDrivers).AddRange(ofTranscoders), hasStockFilters);
            }
        });
    }

    private static FilterClass Read(GeneratorAttributeSyntaxContext context, PartKind kind)
    {
        var type = (INamedTypeSymbol)context.TargetSymbol;
        var attribute = context.Attributes[0];
        var location = LocationOf(context.TargetNode);
        string typeName = type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat);
        string name = attribute.ConstructorArguments.Length == 1 ? attribute.ConstructorArguments[0].Value as string ?? "" : "";
        string phase = "0";
        string? jsonContext = null;
        foreach (var argument in attribute.NamedArguments)
        {
            if (argument.Key == "Phase")
            {
                phase = Convert.ToString(argument.Value.Value, System.Globalization.CultureInfo.InvariantCulture) ?? "0";
            }
            else if (argument.Key == "JsonContext" && argument.Value.Value is ITypeSymbol symbol)
            {
                jsonContext = symbol.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat);
            }
        }

        DiagnosticDescriptor? problem = null;
        string? configuration = null;
        var constructors = type.InstanceConstructors.Where(c => c.DeclaredAccessibility == Accessibility.Public).ToList();
        if (type.IsAbstract || type.DeclaredAccessibility != Accessibility.Public || !(kind switch { PartKind.Driver => Implements(type, "IMetadataDriver"), PartKind.Transcoder => Implements(type, "ITranscoder"), _ => DerivesFromFilter(type) }))
        {
            problem = kind switch { PartKind.Driver => s_notADriver, PartKind.Transcoder => s_notATranscoder, _ => s_notAFilter };
        }
        else if (constructors.Count != 1 || constructors[0].Parameters.Length > 1)
        {
            problem = s_badConstructor;
        }
        else if (constructors[0].Parameters.Length == 1)
        {
            configuration = constructors[0].Parameters[0].Type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat);
            if (jsonContext is null && !(kind == PartKind.Filter ? IsRaw(configuration) : IsWhole(configuration)))
            {
                problem = s_noContext;
            }
        }

        return new FilterClass(typeName, name, phase, configuration, jsonContext, problem?.Id, location, kind);
    }

    private static bool DerivesFromFilter(INamedTypeSymbol type)
    {
        for (var parent = type.BaseType; parent is not null; parent = parent.BaseType)
        {
            if (parent.Name == "StreamFilter" && parent.ContainingNamespace.ToDisplayString() == "Outrider.Filters")
            {
                return true;
            }
        }

        return false;
    }

    private static bool Implements(INamedTypeSymbol type, string name)
        => type.AllInterfaces.Any(one => one.Name == name && one.ContainingNamespace.ToDisplayString() == "Outrider.Filters");

    private static bool IsWhole(string type) => type is "global::Outrider.Filters.FilterConfiguration";

    // What a filter may take without JSON: the configuration's text, its bytes, or the whole of what there is.
    private static bool IsRaw(string type) => type is "string" or "byte[]" || IsWhole(type);

    private static void Write(SourceProductionContext output, ImmutableArray<FilterClass> filters, bool hasStockFilters)
    {
        var text = new StringBuilder();
        text.AppendLine("// <auto-generated/>");
        text.AppendLine("#nullable enable");
        text.AppendLine("namespace Outrider.Envoy.Generated;");
        text.AppendLine();
        text.AppendLine("internal static class ModuleEntry");
        text.AppendLine("{");
        text.AppendLine("    [global::System.Runtime.InteropServices.UnmanagedCallersOnly(EntryPoint = \"envoy_dynamic_module_on_program_init\")]");
        text.AppendLine("    private static nint OnProgramInit() => global::Outrider.Envoy.EnvoyModule.Start(Register);");
        text.AppendLine();
        text.AppendLine("    private static void Register(global::Outrider.Filters.StreamFilterRegistry registry)");
        text.AppendLine("    {");
        if (hasStockFilters)
        {
            text.AppendLine($"        global::{StockFilters}.Register(registry);");
        }

        foreach (var filter in filters)
        {
            if (filter.Problem is { } problem)
            {
                var descriptor = s_problems.First(one => one.Id == problem);
                output.ReportDiagnostic(Diagnostic.Create(descriptor, filter.Location.ToLocation(), Short(filter.Type), Short(filter.Configuration ?? ""), filter.Name));
                continue;
            }

            text.Append("        ").AppendLine(filter.Kind == PartKind.Filter ? Registration(filter) : PartRegistration(filter));
        }

        text.AppendLine("    }");
        text.AppendLine("}");
        output.AddSource("ModuleEntry.g.cs", SourceText.From(text.ToString(), Encoding.UTF8));
    }

    private static string PartRegistration(FilterClass part)
    {
        string name = Microsoft.CodeAnalysis.CSharp.SymbolDisplay.FormatLiteral(part.Name, quote: true);
        string registry = part.Kind == PartKind.Driver ? "registry.MetadataDrivers" : "registry.Transcoders";

        // A driver is made when its configuration loads, a transcoder for each request.
        string maker = part.Kind == PartKind.Driver ? "" : "() => ";
        return part.Configuration is null
            ? $"{registry}.Add({name}, configuration => {{ configuration.RequireNone(); return {maker}new {part.Type}(); }});"
            : part.JsonContext is null
            ? $"{registry}.Add({name}, configuration => {maker}new {part.Type}(configuration));"
            : $"{registry}.Add<{part.Configuration}>({name}, {TypeInfo(part)}, value => new {part.Type}(value));";
    }

    private static string Registration(FilterClass filter)
    {
        string name = Microsoft.CodeAnalysis.CSharp.SymbolDisplay.FormatLiteral(filter.Name, quote: true);
        string phase = $"(global::Outrider.Filters.ReceiverPhase){filter.Phase}";
        if (filter.Configuration is null)
        {
            return $"registry.Add({name}, configuration => {{ configuration.RequireNone(); return new global::Outrider.Filters.StreamFilterFactory<{filter.Type}>(() => new {filter.Type}(), {phase}); }});";
        }

        if (filter.JsonContext is null)
        {
            string read = filter.Configuration switch
            {
                "string" => "configuration.ReadText()",
                "byte[]" => "configuration.ReadBytes()",
                _ => "configuration",
            };
            return $"registry.Add<{filter.Type}, {filter.Configuration}>({name}, configuration => {read}, value => new {filter.Type}(value), {phase});";
        }

        return $"registry.Add<{filter.Type}, {filter.Configuration}>({name}, {TypeInfo(filter)}, value => new {filter.Type}(value), {phase});";
    }

    private static string TypeInfo(FilterClass filter)
        => $"(global::System.Text.Json.Serialization.Metadata.JsonTypeInfo<{filter.Configuration}>)"
            + $"({filter.JsonContext}.Default.GetTypeInfo(typeof({filter.Configuration})) ?? throw new global::System.InvalidOperationException(\"{Short(filter.JsonContext!)} does not know {Short(filter.Configuration!)}\"))";

    private static string Short(string type) => type.Replace("global::", "");

    private static FilterLocation LocationOf(SyntaxNode node)
    {
        var place = node is ClassDeclarationSyntax declaration ? declaration.Identifier.GetLocation() : node.GetLocation();
        return new FilterLocation(place.SourceTree?.FilePath ?? "", place.SourceSpan, place.GetLineSpan().Span);
    }
}
