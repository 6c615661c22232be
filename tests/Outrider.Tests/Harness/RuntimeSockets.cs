using System.Globalization;

namespace Outrider.Tests.Harness;

/// <summary>
/// What a .NET process has in the temporary folder for its tools: the socket of diagnostics and the debugger's pipes. It removes them when it ends by itself; one that
/// is killed leaves them, where a later process of the same number would seem to have two. The last number of their names is the time at which the process began, as
/// <c>/proc/PID/stat</c> has it (field 22), which with its number is its own for as long as the machine runs.
/// </summary>
internal sealed class RuntimeSockets
{
    private readonly int _process;
    private readonly string _began;

    private RuntimeSockets(int process, string began)
    {
        _process = process;
        _began = began;
    }

    /// <summary>The socket that <c>dotnet-trace</c> and its like connect to.</summary>
    internal string Diagnostics => Path.Combine(Path.GetTempPath(), $"dotnet-diagnostic-{_process}-{_began}-socket");

    /// <summary>Those of a process, whether it has made them or not; null when it is gone.</summary>
    internal static RuntimeSockets? Of(int process)
    {
        try
        {
            // The second field, the program's name in brackets, may have blanks and brackets of its own.
            string stat = File.ReadAllText($"/proc/{process}/stat");
            return new RuntimeSockets(process, stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[19]);
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Those of a process and of all that it has started, and they.</summary>
    internal static List<RuntimeSockets> OfTree(int process)
    {
        var found = new List<RuntimeSockets>();
        if (Of(process) is { } own)
        {
            found.Add(own);
            found.AddRange(Children(process).SelectMany(OfTree));
        }

        return found;
    }

    /// <summary>Removes what is left of them. The process is gone.</summary>
    internal void Remove()
    {
        File.Delete(Diagnostics);
        foreach (string direction in new[] { "in", "out" })
        {
            File.Delete(Path.Combine(Path.GetTempPath(), $"clr-debug-pipe-{_process}-{_began}-{direction}"));
        }
    }

    private static IEnumerable<int> Children(int process)
    {
        try
        {
            return [.. Directory.GetDirectories($"/proc/{process}/task")
                .SelectMany(task => File.ReadAllText(Path.Combine(task, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Select(child => int.Parse(child, CultureInfo.InvariantCulture))];
        }
        catch (IOException)
        {
            // It, or one of its threads, has just gone.
            return [];
        }
    }
}
