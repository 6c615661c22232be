namespace Outrider.Filters;

/// <summary>
/// A configuration object that may have keys without effect, which it says where the configuration is read: a warning for who checks it.
/// Implemented by what <see cref="FilterConfiguration.Read{T}"/> reads.
/// </summary>
public interface IExcuser
{
    /// <summary>Says each of them, after <see cref="IValidatable.Validate"/>.</summary>
    /// <param name="excuse">Told the path, <c>$.a.b</c>, and why it has no effect.</param>
    void Excuse(Action<string, string> excuse);
}
