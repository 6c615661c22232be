using Outrider.Configuration.Json;
using Outrider.Configuration.Problems;

namespace Outrider.Configuration.Binding;

/// <summary>MOSN's dynamic directories: every <c>*.json</c> in one holds one object.</summary>
internal static class JsonDirectory
{
    /// <summary>
    /// The objects in the directory that a key names, by file name. It is relative to the working directory, as in MOSN. A file that
    /// cannot be read adds its own errors, and the others are read nevertheless.
    /// </summary>
    public static IReadOnlyList<ObjectReader> Read(ObjectReader reader, string key)
    {
        if (reader.Text(key) is not { } path)
        {
            return [];
        }

        string[] files;
        try
        {
            files = Directory.GetFiles(path, "*.json");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            reader.Error(key, $"the directory {Path.GetFullPath(path.Replace('\0', '?'))} cannot be read: {e.Message.ReplaceLineEndings(" ")}");
            return [];
        }

        List<ObjectReader> readers = [];
        foreach (string file in files.Order(StringComparer.Ordinal))
        {
            try
            {
                if (ObjectReader.Open(ConfigurationDocument.Load(file).Root, reader.Problems) is { } found)
                {
                    readers.Add(found);
                }
            }
            catch (ConfigurationException e)
            {
                reader.Problems.Error(e.Problems);
            }
        }

        return readers;
    }
}
