namespace Outrider.Tests.Conformance;

/// <summary>
/// The calls of two filters, as a base promises them: those of each in their order, and for each step who came first. Whether one sees the first data
/// before or after the other has seen the head depends on who waits for what, and is nobody's promise.
/// </summary>
internal static class PairLife
{
    /// <summary>A record of calls (<c>a.dh b.dh a.dd</c>) so written that equal promises are equal texts.</summary>
    internal static string Of(string record)
    {
        string[] entries = record.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var steps = entries.Select(entry => entry[2..].TrimEnd('.')).Where(step => !step.StartsWith('(') && step is not ("log" or "destroy")).Distinct();
        var order = steps.Select(step => (Step: step, Who: string.Concat(entries.Where(entry => entry[2..].TrimEnd('.') == step).Select(entry => entry[0]).Distinct()))).Where(step => step.Who.Length > 1);
        return $"a: {Own('a')}; b: {Own('b')}; {string.Join(' ', order.Select(step => step.Step + ":" + step.Who).Order(StringComparer.Ordinal))}";

        string Own(char place) => string.Join(' ', entries.Where(entry => entry[0] == place).Select(entry => entry[2..]));
    }
}
