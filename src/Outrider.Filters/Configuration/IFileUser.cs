namespace Outrider.Filters;

/// <summary>A typed configuration that names files, which are read when it loads.</summary>
public interface IFileUser
{
    /// <summary>Called once after <see cref="IValidatable.Validate"/>.</summary>
    /// <param name="files">Reads them.</param>
    /// <exception cref="FilterConfigurationException">A file cannot be read, or does not fit.</exception>
    void ReadFiles(ConfigurationFiles files);
}
