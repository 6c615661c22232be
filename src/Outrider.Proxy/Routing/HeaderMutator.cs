using System.Text;
using Outrider.Configuration.Model;
using Outrider.Http.Headers;
using Outrider.Http.Messages;

namespace Outrider.Proxy.Routing;

/// <summary>
/// The header changes of a route, then of its virtual host, then of its router, as one list of steps. Each of the three adds
/// first and removes then.
/// </summary>
internal sealed class HeaderMutator
{
    private readonly Step[] _steps;

    private HeaderMutator(IEnumerable<Step> steps) => _steps = [.. steps];

    private enum Change
    {
        Append,
        Replace,
        Remove,
    }

    private sealed record Step(byte[] Name, KnownHeader Known, byte[] Value, Change Change);

    /// <summary>The changes of requests.</summary>
    public static HeaderMutator ForRequests(params ReadOnlySpan<HeaderMutations> mutations)
    {
        List<Step> steps = [];
        foreach (HeaderMutations m in mutations)
        {
            AddSteps(steps, m.RequestAdd, m.RequestRemove);
        }

        return new HeaderMutator(steps);
    }

    /// <summary>The changes of responses.</summary>
    public static HeaderMutator ForResponses(params ReadOnlySpan<HeaderMutations> mutations)
    {
        List<Step> steps = [];
        foreach (HeaderMutations m in mutations)
        {
            AddSteps(steps, m.ResponseAdd, m.ResponseRemove);
        }

        return new HeaderMutator(steps);
    }

    /// <summary>Changes a request. A change of <c>Host</c> sets the authority; it is never removed, for HTTP/1.1 cannot do without.</summary>
    public void Apply(RequestHead request)
    {
        foreach (Step step in _steps)
        {
            if (step.Known != KnownHeader.Host)
            {
                Apply(step, request.Fields);
            }
            else if (step.Change != Change.Remove)
            {
                request.SetAuthority(step.Value);
            }
        }
    }

    /// <summary>Changes a response.</summary>
    public void Apply(ResponseHead response)
    {
        foreach (Step step in _steps)
        {
            Apply(step, response.Fields);
        }
    }

    private static void AddSteps(List<Step> steps, IEnumerable<HeaderAddition> additions, IEnumerable<string> removals)
    {
        steps.AddRange(additions.Select(a => ToStep(a.Name, a.Value, a.Append ? Change.Append : Change.Replace)));
        steps.AddRange(removals.Select(name => ToStep(name, "", Change.Remove)));
    }

    private static Step ToStep(string name, string value, Change change)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(name.ToLowerInvariant());
        return new Step(bytes, KnownHeaders.Identify(bytes), Encoding.UTF8.GetBytes(value), change);
    }

    private static void Apply(Step step, HeaderBlock fields)
    {
        switch (step.Change)
        {
            case Change.Remove:
                fields.Remove(step.Name);
                break;
            case Change.Append:
                Append(step, fields);
                break;
            default:
                fields.Set(step.Name, step.Value);
                break;
        }
    }

    private static void Append(Step step, HeaderBlock fields)
    {
        int last = LastIndexOf(fields, step.Name);

        // Set-Cookie is the one list that a comma cannot join (RFC 9110 §5.3).
        if (last < 0 || step.Name.AsSpan().SequenceEqual("set-cookie"u8))
        {
            fields.Add(step.Name, step.Value);
            return;
        }

        ReadOnlySpan<byte> old = fields.ValueAt(last);
        if (old.IsEmpty)
        {
            fields.SetValueAt(last, step.Value);
            return;
        }

        int start = fields.Store(old);
        fields.Store(","u8);
        fields.Store(step.Value);
        fields.SetValueAt(last, fields.Slice(start, old.Length + 1 + step.Value.Length));
    }

    // Of a repeated field the last is joined: the list that they make together is the same then, and none is lost.
    private static int LastIndexOf(HeaderBlock fields, ReadOnlySpan<byte> name)
    {
        for (int i = fields.Count - 1; i >= 0; i--)
        {
            if (Ascii.EqualsIgnoreCase(fields.NameAt(i), name))
            {
                return i;
            }
        }

        return -1;
    }
}
