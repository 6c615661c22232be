namespace Outrider.Filters;

/// <summary>
/// What an extension makes of an entry, a factory or a configuration object, where it depends on more than the proxy can see. A reload keeps what is in
/// force of an entry of which the configuration says the same, whose files (<see cref="ConfigurationFiles"/>), plugins and library are the same as well;
/// that which has this interface is asked, too: it may have read the environment, a file by itself, or the time.
/// </summary>
public interface IKeepable
{
    /// <summary>Would it be made the same again? Called while a configuration loads, in the order of the entries; false where it throws.</summary>
    /// <param name="configuration">What it would be made from: the same text as the first time.</param>
    /// <returns>False: it is made anew, and this one is disposed with the last stream that uses it.</returns>
    bool CanBeKept(FilterConfiguration configuration);
}
