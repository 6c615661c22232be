namespace Outrider.Tests.Conformance;

/// <summary>One exchange through the scripted filter, and what has to come of it on every base.</summary>
/// <param name="Name">In a few words; what <c>docs/bases.md</c> calls it where a base differs.</param>
/// <param name="Do">What the filter does (<see cref="ScriptedFilter"/>).</param>
/// <param name="Outcome">What the client sees: status, the filter's mark in braces, body; <c>cut</c> where there is no (whole) answer.</param>
/// <param name="Asked">What the upstream sees: mark and body; <c>-</c> for nothing.</param>
/// <param name="Life">The filter's calls, in order; a dot where nothing follows the head.</param>
/// <param name="Path">What the upstream answers: its path.</param>
/// <param name="Body">The request's body; <c>*</c> in front for chunks, <c>**</c> for chunks with a trailer.</param>
internal sealed record ConformanceCase(string Name, string Do, string Outcome, string Asked, string Life, string Path = "/length", string Body = "")
{
    private const string Plain = "dh. eh ed log destroy";

    internal static IEnumerable<ConformanceCase> All()
    {
        foreach (var one in Some())
        {
            yield return one;
            if (one.Do.Length > 0)
            {
                // Whatever a filter answers, it may answer later.
                yield return one with { Name = one.Name + ", late", Do = one.Do.Replace(":", ":late ", StringComparison.Ordinal) };
            }
        }
    }

    private static IEnumerable<ConformanceCase> Some()
    {
        yield return new("nothing to do", "", "200 12345678", "", Plain);
        yield return new("no body", "", "200 ", "", "dh. eh. log destroy", Path: "/empty");
        yield return new("bodies with lengths", "", "200 12345678", "abcd", "dh dd eh ed log destroy", Body: "abcd");
        yield return new("bodies in chunks", "", "200 12345678", "abcd", "dh dd eh ed log destroy", Path: "/chunked", Body: "*abcd");
        yield return new("a response with trailers", "", "200 12345678", "", "dh. eh ed et log destroy", Path: "/trailers");
        yield return new("a request with trailers", "", "200 12345678", "abcd", "dh dd dt eh ed log destroy", Body: "**abcd");

        yield return new("a header on the request", "dh:mark", "200 12345678", "{dh}", Plain);
        yield return new("a header on the response", "eh:mark", "200 {eh}12345678", "", Plain);
        yield return new("more of a streamed request", "dh:nolength, dd:append", "200 12345678", "abcd+more", "dh dd eh ed log destroy", Body: "abcd");
        yield return new("more of a streamed response", "eh:nolength, ed:append", "200 12345678+more", "", Plain);
        yield return new("none of a streamed response", "eh:nolength, ed:drop", "200 ", "", Plain);

        yield return new("the whole request", "dh:whole, dw:mark append", "200 12345678", "{dw}abcd+more", "dh dw eh ed log destroy", Body: "abcd");
        yield return new("the whole request in chunks", "dh:whole, dw:append", "200 12345678", "abcd+more", "dh dw eh ed log destroy", Body: "*abcd");
        yield return new("the whole request that has no body", "dh:whole, dw:mark", "200 12345678", "{dw}", "dh. dw eh ed log destroy");
        yield return new("the whole request with trailers", "dh:whole, dw:mark", "200 12345678", "{dwt}abcd", "dh dwt eh ed log destroy", Body: "**abcd");
        yield return new("the whole response", "eh:whole, ew:mark append", "200 {ew}12345678+more", "", "dh. eh ew log destroy");
        yield return new("the whole response in chunks", "eh:whole, ew:append", "200 12345678+more", "", "dh. eh ew log destroy", Path: "/chunked");
        yield return new("the whole response that has no body", "eh:whole, ew:mark", "200 {ew}", "", "dh. eh. ew log destroy", Path: "/empty");
        yield return new("the whole response with trailers", "eh:whole, ew:mark", "200 {ewt}12345678", "", "dh. eh ewt log destroy", Path: "/trailers");
        yield return new("both whole", "dh:whole, eh:whole, dw:append, ew:append", "200 12345678+more", "abcd+more", "dh dw eh ew log destroy", Body: "abcd");

        yield return new("a reply at the head", "dh:reply", "403 {reply}from dh", "-", "dh. local403 eh403 ed log destroy");
        yield return new("a reply to the whole request", "dh:whole, dw:reply", "403 {reply}from dw", "-", "dh dw local403 eh403 ed log destroy", Body: "abcd");
        yield return new("a reply in the place of a response", "eh:reply", "403 {reply}from eh", "", "dh. eh local403 log destroy");
        yield return new("a reply in the place of a whole response", "eh:whole, ew:reply", "403 {reply}from ew", "", "dh. eh ew local403 log destroy");
        yield return new("a reply that its own filter marks", "dh:reply, eh:mark", "403 {eh403}from dh", "-", "dh. local403 eh403 ed log destroy");
        yield return new("a streamed reply", "dh:streamed", "200 one two", "-", "dh. eh ed log destroy");

        yield return new("a streamed reply that its own filter marks", "dh:streamed, eh:mark, ed:append", "200 {eh}one two+more", "-", "dh. eh ed log destroy");
        yield return new("none of a streamed reply", "dh:streamed, ed:drop", "200 ", "-", "dh. eh ed log destroy");
        yield return new("a streamed reply that its own filter wants whole", "dh:streamed, eh:whole, ew:mark append", "200 {ew}one two+more", "-", "dh. eh ew log destroy");
        yield return new("a streamed reply that its own filter replaces", "dh:streamed, eh:reply", "403 {reply}from eh", "-", "dh. eh local403 log destroy");
        yield return new("a streamed reply that its own filter fails", "dh:streamed, eh:throw", "500 internal error", "-", "dh. eh local500 log destroy");
        yield return new("a streamed reply amid which its own filter fails", "dh:streamed, ed:throw", "200  (cut)", "-", "dh. eh ed log destroy");
        yield return new("a reply that its own filter wants whole", "dh:reply, eh:whole, ew:mark append", "403 {ew}from dh+more", "-", "dh. local403 eh403 ew log destroy");
        yield return new("a reply that its own filter replaces", "dh:reply, eh:reply", "403 {reply}from eh", "-", "dh. local403 eh403 local403 log destroy");
        yield return new("a reply that its own filter fails", "dh:reply, eh:throw", "500 internal error", "-", "dh. local403 eh403 local500 log destroy");
        yield return new("a reply that its own filter ends", "dh:reply, eh:stop", "cut", "-", "dh. local403 eh403 log destroy");

        yield return new("an end without an answer", "dh:stop", "cut", "-", "dh. log destroy");
        yield return new("a response that is not wanted", "eh:stop", "cut", "", "dh. eh log destroy");
        yield return new("a failure at the head", "dh:throw", "500 internal error", "-", "dh. local500 log destroy");
        yield return new("a failure with the whole request", "dh:whole, dw:throw", "500 internal error", "-", "dh dw local500 log destroy", Body: "abcd");
        yield return new("a failure at the response", "eh:throw", "500 internal error", "", "dh. eh local500 log destroy");
        yield return new("a failure with the whole response", "eh:whole, ew:throw", "500 internal error", "", "dh. eh ew local500 log destroy");
        yield return new("an answer that belongs to heads amid a body", "dd:whole", "500 internal error", "?", "dh dd local500 log destroy", Body: "abcd");
        yield return new("the route of a response again", "eh:rematch", "500 internal error", "", "dh. eh local500 log destroy");
        yield return new("a streamed reply in the place of a response", "eh:streamed", "500 internal error", "", "dh. eh local500 log destroy");
        yield return new("the route again", "dh:rematch", "200 12345678", "", Plain);
        yield return new("a host again in a phase that has none", "dh:rechoose", "500 internal error", "-", "dh. local500 log destroy");
    }
}
