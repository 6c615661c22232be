using Outrider.Plugins.Modules.Signals;

namespace Outrider.Plugins.Modules.Metadata;

/// <summary>
/// Objects of modules in a stream's filter state. Each is the module's memory, which only its own destructor may touch: that runs
/// exactly once, when another takes the object's place or the stream has ended, on the stream's loop.
/// </summary>
internal sealed unsafe class StateObjects : IDisposable
{
    private readonly Dictionary<string, (nint Object, nint Destructor, uint LifeSpan)> _objects = new(StringComparer.Ordinal);

    internal bool Contains(string key) => _objects.ContainsKey(key);

    /// <summary>The object of that key; 0 when there is none.</summary>
    internal nint Get(string key) => _objects.GetValueOrDefault(key).Object;

    /// <summary>Keeps an object. False: there is one of another life span under the key, which stays, and this one is the caller's still.</summary>
    internal bool Set(string key, nint value, nint destructor, uint lifeSpan)
    {
        if (_objects.TryGetValue(key, out var old))
        {
            if (old.LifeSpan != lifeSpan)
            {
                return false;
            }

            _objects[key] = (value, destructor, lifeSpan);
            Destroy(old.Object, old.Destructor);
            return true;
        }

        _objects.Add(key, (value, destructor, lifeSpan));
        return true;
    }

    /// <summary>Calls a destructor, if there is one.</summary>
    internal static void Destroy(nint value, nint destructor)
    {
        if (destructor == 0)
        {
            return;
        }

        // Which module's it is nobody knows here: if it is to be for one, then for all.
        bool isShielded = SignalShield.IsNeeded;
        if (isShielded)
        {
            SignalShield.Enter();
        }

        ((delegate* unmanaged[Cdecl]<nint, void>)destructor)(value);
        if (isShielded)
        {
            SignalShield.Leave();
        }
    }

    public void Dispose()
    {
        // A destructor may still ask for the others.
        while (_objects.Count > 0)
        {
            var (key, (value, destructor, _)) = _objects.First();
            _ = _objects.Remove(key);
            Destroy(value, destructor);
        }
    }
}
