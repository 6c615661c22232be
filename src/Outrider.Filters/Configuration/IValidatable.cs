namespace Outrider.Filters;

/// <summary>A typed configuration that can say what is wrong with it.</summary>
public interface IValidatable
{
    /// <summary>Called once after the configuration was read, and is as the attributes of its properties want it (<see cref="ConfigurationRules"/>).</summary>
    /// <exception cref="FilterConfigurationException">Something is wrong; names the path inside the configuration.</exception>
    void Validate();
}
