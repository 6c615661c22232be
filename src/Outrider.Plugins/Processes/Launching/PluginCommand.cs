using System.Diagnostics;
using System.Globalization;
using Outrider.Filters;
using Outrider.Plugins.Protocol;

namespace Outrider.Plugins.Processes.Launching;

/// <summary>What is run for a plugin.</summary>
/// <param name="Name">The plugin's name.</param>
/// <param name="File">Full path of the executable.</param>
/// <param name="Options">Arguments and number of processes.</param>
/// <param name="WorkingDirectory">Where it runs: the folder of the configuration file, so that arguments may be relative to it.</param>
/// <param name="LogBase">The folder for the plugin's own logs.</param>
/// <param name="Environment">The names of what it inherits of our environment, as the configuration has them: in order, each once.</param>
internal sealed record PluginCommand(string Name, string File, PluginOptions Options, string WorkingDirectory, string LogBase, IReadOnlyList<string> Environment)
{
    // What go-plugin's host gives where nobody says otherwise.
    private const string MinPort = "10000";
    private const string MaxPort = "25000";

    /// <summary>Would it start the same processes?</summary>
    public bool IsSame(PluginCommand other)
        => File == other.File && WorkingDirectory == other.WorkingDirectory && LogBase == other.LogBase && Options.MaxProcs == other.Options.MaxProcs
            && Options.Arguments.SequenceEqual(other.Options.Arguments) && Environment.SequenceEqual(other.Environment);

    /// <summary>The start of one process, which makes its sockets in a folder of ours.</summary>
    public ProcessStartInfo ToStart(string socketFolder)
    {
        var start = ChildCommand.For(File, Options.Arguments, WorkingDirectory);
        foreach (string name in start.Environment.Keys.Where(name => !Inherits(name)).ToList())
        {
            _ = start.Environment.Remove(name);
        }

        start.Environment[PluginEnvironment.Cookie] = PluginEnvironment.CookieValue;
        start.Environment[PluginEnvironment.Processors] = Options.MaxProcs.ToString(CultureInfo.InvariantCulture);
        start.Environment[PluginEnvironment.LogFolder] = LogBase;
        start.Environment[PluginEnvironment.Versions] = Handshake.Version.ToString(CultureInfo.InvariantCulture);
        start.Environment[PluginEnvironment.MinPort] = MinPort;
        start.Environment[PluginEnvironment.MaxPort] = MaxPort;
        start.Environment[PluginEnvironment.SocketFolder] = socketFolder;
        start.Environment.Remove(PluginEnvironment.ClientCertificate);
        return start;
    }

    private bool Inherits(string variable) => Environment.Any(name => name.EndsWith('*') ? variable.StartsWith(name[..^1], StringComparison.Ordinal) : variable == name);
}
