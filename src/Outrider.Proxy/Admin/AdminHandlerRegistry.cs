using System.Collections.Concurrent;

namespace Outrider.Proxy.Admin;

/// <summary>The pages that a configuration can add to the admin API by name (<c>admin.handlers</c>). Any thread.</summary>
internal sealed class AdminHandlerRegistry
{
    private readonly ConcurrentDictionary<string, Func<IAdminSource, IAdminHandler>> _creators = new(StringComparer.Ordinal);

    /// <summary>Every name, sorted.</summary>
    public IReadOnlyList<string> Names => [.. _creators.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Registers a page.</summary>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public void Add(string name, Func<IAdminSource, IAdminHandler> creator)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (!_creators.TryAdd(name, creator))
        {
            throw new ArgumentException($"an admin handler named '{name}' is registered already", nameof(name));
        }
    }

    /// <summary>The creator of that name, or null.</summary>
    public Func<IAdminSource, IAdminHandler>? Find(string name) => _creators.GetValueOrDefault(name);

    /// <summary>Adds <paramref name="more"/> and the pages of the names to others.</summary>
    /// <returns><paramref name="handlers"/>.</returns>
    /// <exception cref="ArgumentException">A name is not registered, or two pages have one path; the message says which.</exception>
    public AdminHandlers AddTo(AdminHandlers handlers, IAdminSource source, IEnumerable<string> names, params IEnumerable<IAdminHandler> more)
    {
        foreach (IAdminHandler handler in more)
        {
            handlers.Add(handler);
        }

        foreach (string name in names)
        {
            Func<IAdminSource, IAdminHandler> creator = Find(name)
                ?? throw new ArgumentException($"there is no admin handler named '{name}'", nameof(names));
            handlers.Add(creator(source));
        }

        return handlers;
    }
}
