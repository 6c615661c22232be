using Outrider.Filters;

namespace Outrider.Plugins.Processes;

/// <summary>Finds a plugin's executable by its name.</summary>
internal static class PluginFile
{
    private const UnixFileMode Executable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>The full path: of the first folder that has it.</summary>
    /// <exception cref="FilterConfigurationException">None has it, it is no executable, or the name is a path.</exception>
    internal static string Find(string name, IReadOnlyList<string> folders)
    {
        if (string.IsNullOrEmpty(name) || name is "." or ".." || name.AsSpan().ContainsAny('/', '\0'))
        {
            throw new FilterConfigurationException("$.plugin", $"'{name}' is not the name of a file; a plugin is named, and looked for in plugin_dir");
        }

        foreach (string folder in folders)
        {
            string path = Path.Combine(folder, name);
            if (File.Exists(path))
            {
                return OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & Executable) != 0
                    ? path
                    : throw new FilterConfigurationException("$.plugin", $"{path} is not executable");
            }
        }

        throw new FilterConfigurationException("$.plugin", $"there is no plugin '{name}' in {string.Join(" or ", folders)}");
    }
}
