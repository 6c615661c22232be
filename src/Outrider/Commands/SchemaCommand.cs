using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Outrider.Configuration;
using Outrider.Configuration.Problems;
using Outrider.Configuration.Shapes;
using Outrider.Describing;
using Outrider.Running;

namespace Outrider.Commands;

/// <summary>Prints the JSON Schema of configuration files, which editors complete and check them by.</summary>
internal static class SchemaCommand
{
    // For people and editors, not for web pages: an apostrophe stays one.
    private static readonly JsonSerializerOptions s_readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    internal static Command Describe()
    {
        var file = new Option<string?>("-c", "--config") { Description = "A configuration whose extensions' filters it is to know as well", HelpName = "FILE" };
        var command = new Command("schema", "Prints the JSON Schema (draft 2020-12) of configurations, filters' own included, for editors (docs/configuration.md)") { file };
        command.SetAction((result, _) => Task.FromResult(Run(result.GetValue(file))));
        return command;
    }

    /// <summary>The schema.</summary>
    /// <param name="extensions">Whose filters it knows.</param>
    internal static JsonObject Make(ExtensionFolder extensions) => ConfigurationSchema.Make(ShapeExplorer.Explore(), FilterSchemas.Of(extensions.Filters), KeyDescriptions.Load().Of);

    private static int Run(string? file)
    {
        var extensions = ExtensionFolder.Load(examine: true);
        if (file is not null && ConfigurationLoader.Examine(file).Configuration is { } configuration && extensions.TryLoadListed(configuration) is { Count: > 0 } problems)
        {
            throw new ConfigurationException([.. problems]);
        }

        Console.WriteLine(Make(extensions).ToJsonString(s_readable));
        return 0;
    }
}
