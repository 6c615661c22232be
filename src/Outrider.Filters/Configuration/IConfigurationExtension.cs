namespace Outrider.Filters;

/// <summary>Reads an entry of the file's <c>extends</c> whose <c>type</c> it is registered for. Made for each configuration that is loaded, and for each that is checked.</summary>
public interface IConfigurationExtension
{
    /// <summary>
    /// Takes the entry's <c>config</c>: when the proxy starts, and at each reload, in the order of the file, before anything of the configuration
    /// is in force. Not called by a check, for which the class is made and no more: what is wrong with a configuration its constructor says.
    /// </summary>
    /// <exception cref="FilterConfigurationException">It cannot be used; the proxy does not start, a reload changes nothing.</exception>
    void Apply();
}
