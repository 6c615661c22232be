namespace Outrider.Commands;

/// <summary>The options behind a command: <c>--name value</c> or <c>--name=value</c>, each once.</summary>
internal sealed class Options
{
    private readonly List<(string Name, string Value)> _given = [];

    internal Options(IEnumerable<string> arguments)
    {
        using var rest = arguments.GetEnumerator();
        while (rest.MoveNext())
        {
            string argument = rest.Current;
            int equals = argument.IndexOf('=', StringComparison.Ordinal);
            if (!argument.StartsWith('-'))
            {
                throw new UsageException($"'{argument}' is not an option");
            }

            if (equals > 0)
            {
                _given.Add((argument[..equals], argument[(equals + 1)..]));
            }
            else
            {
                _given.Add((argument, rest.MoveNext() ? rest.Current : throw new UsageException($"{argument} wants a value")));
            }
        }
    }

    internal string Required(string name, string other) => Optional(name, other) ?? throw new UsageException($"{name} is missing");

    internal string? Optional(string name, string other)
    {
        var found = _given.FindAll(option => option.Name == name || option.Name == other);
        if (found.Count > 1)
        {
            throw new UsageException($"{name} is given more than once");
        }

        _ = _given.RemoveAll(option => option.Name == name || option.Name == other);
        return found.Count == 0 ? null : found[0].Value;
    }

    internal bool YesOrNo(string name, bool otherwise) => Optional(name, name) switch
    {
        null => otherwise,
        "yes" => true,
        "no" => false,
        _ => throw new UsageException($"{name} is yes or no"),
    };

    /// <summary>Call it last: nothing may be left.</summary>
    internal void End()
    {
        if (_given.Count > 0)
        {
            throw new UsageException($"unknown option {_given[0].Name}");
        }
    }
}
