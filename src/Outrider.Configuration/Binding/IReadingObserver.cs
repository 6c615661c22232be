using Outrider.Configuration.Json;

namespace Outrider.Configuration.Binding;

/// <summary>Is told what binding asks of the objects that it reads, so that what a configuration may hold need not be written down a second time.</summary>
internal interface IReadingObserver
{
    /// <summary>An object is going to be read.</summary>
    void Opened(ConfigurationNode node);

    /// <summary>A key is asked for, whether it is there or not.</summary>
    /// <param name="owner">The object.</param>
    /// <param name="key">The key.</param>
    /// <param name="reading">What is wanted.</param>
    void Read(ConfigurationNode owner, string key, in KeyReading reading);

    /// <summary>A value, of a key or in an array, is read.</summary>
    void Value(ConfigurationNode node, in KeyReading reading);

    /// <summary>All keys of an object have been asked for: any other one is unknown.</summary>
    void Finished(ConfigurationNode node);
}
