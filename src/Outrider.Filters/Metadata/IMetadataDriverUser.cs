namespace Outrider.Filters;

/// <summary>A typed configuration that names metadata drivers.</summary>
public interface IMetadataDriverUser
{
    /// <summary>Called once when the configuration has been read and found valid.</summary>
    /// <param name="drivers">The drivers that there are.</param>
    /// <param name="baseDirectory">Where relative paths start.</param>
    /// <exception cref="FilterConfigurationException">There is no such driver, or its configuration is wrong.</exception>
    void CreateDrivers(MetadataDriverRegistry drivers, string baseDirectory);
}
