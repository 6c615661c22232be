using System.Text.Json;
using Outrider.Configuration.Problems;
using Outrider.Plugins.Modules;
using Outrider.Running;

namespace Outrider.Commands;

/// <summary>Validates a configuration as <c>start</c> would, without listening anywhere, and says all that is wrong with it, and all that is odd.</summary>
internal static class CheckCommand
{
    /// <param name="file">The file.</param>
    /// <param name="strict">Whether a warning is as good as an error, unless it is excused (docs/configuration.md).</param>
    /// <param name="json">Whether it is said as JSON, for tools.</param>
    internal static async Task<int> RunAsync(string file, bool strict, bool json)
    {
        LibraryFilters.OnlyChecks = true;
        var warnings = new List<ConfigurationProblem>();
        IReadOnlyList<ConfigurationProblem> errors;
        try
        {
            errors = await Examination.RunAsync(file, ExtensionFolder.Load(examine: true), warnings.Add).ConfigureAwait(false);
        }
        catch (ConfigurationException e) when (json)
        {
            errors = e.Problems;
        }

        if (strict)
        {
            errors = [.. errors.Concat(warnings.Where(warning => !warning.IsExcused)).OrderBy(problem => problem.Line).ThenBy(problem => problem.Column)];
            _ = warnings.RemoveAll(warning => !warning.IsExcused);
        }

        if (json)
        {
            Write(file, errors, warnings);
            return errors.Count == 0 ? 0 : 1;
        }

        foreach (var warning in warnings)
        {
            await Console.Error.WriteLineAsync("outrider: warning: " + (warning.Line > 0 ? warning.ToString() : warning.Message)).ConfigureAwait(false);
        }

        if (errors.Count > 0)
        {
            throw new ConfigurationException([.. errors]);
        }

        Console.WriteLine($"{file}: ok{(warnings.Count > 0 ? $", {warnings.Count} warning{(warnings.Count == 1 ? "" : "s")}" : "")}");
        return 0;
    }

    private static void Write(string file, IReadOnlyList<ConfigurationProblem> errors, List<ConfigurationProblem> warnings)
    {
        using var output = Console.OpenStandardOutput();
        using (var writer = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true }))
        {
            writer.WriteStartObject();
            writer.WriteString("file", file);
            writer.WriteBoolean("ok", errors.Count == 0);
            writer.WriteStartArray("problems");
            foreach (var problem in errors.Concat(warnings))
            {
                writer.WriteStartObject();
                writer.WriteString("severity", warnings.Contains(problem) ? "warning" : "error");
                writer.WriteBoolean("excused", problem.IsExcused);
                writer.WriteString("file", problem.File);
                writer.WriteNumber("line", problem.Line);
                writer.WriteNumber("column", problem.Column);
                writer.WriteString("path", problem.JsonPath);
                writer.WriteString("message", problem.Message);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        output.Write("\n"u8);
    }
}
