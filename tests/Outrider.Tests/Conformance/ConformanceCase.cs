namespace Outrider.Tests.Conformance;

/// <summary>One exchange through the scripted filter, and what has to come of it on every base.</summary>
/// <param name="Name">In a few words; what <c>docs/bases.md</c> calls it where a base differs.</param>
/// <param name="Do">What the filter does (<see cref="ScriptedFilter"/>).</param>
/// <param name="Outcome">What the client sees: status, the filter's mark in braces, body (a long one as <c>#length</c>); <c>cut</c> where there is no (whole) answer, <c>?</c> where it is the base's own.</param>
/// <param name="Asked">What the upstream sees: mark and body; <c>-</c> for nothing, <c>?</c> for whatever.</param>
/// <param name="Life">The filter's calls, in order; a dot where nothing follows the head.</param>
/// <param name="Path">What the upstream answers: its path.</param>
/// <param name="Body">The request's body; <c>*</c> in front for chunks, <c>**</c> for chunks with a trailer; <c>#length</c> for a long one.</param>
/// <param name="Method">The request's method; empty for what its body says.</param>
/// <param name="Line">Method, path and authority as the upstream sees them; empty where that is not asked.</param>
internal sealed record ConformanceCase(
    string Name, string Do, string Outcome, string Asked, string Life, string Path = "/length", string Body = "", string Method = "", string Line = "")
{
    private const string Plain = "dh. eh ed log destroy";
    private const string Both = "dh dd eh ed log destroy";

    internal static IEnumerable<ConformanceCase> All()
    {
        foreach (var one in Messages().Concat(Replies()).Concat(Ends()).Concat(Streams()))
        {
            yield return one;
            if (one.Do.Length > 0)
            {
                // Whatever a filter answers, it may answer later.
                yield return one with { Name = one.Name + ", late", Do = one.Do.Replace(":", ":late ", StringComparison.Ordinal) };
            }
        }
    }

    private static IEnumerable<ConformanceCase> Messages()
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

        yield return new("none of a streamed request", "dh:nolength, dd:drop", "200 12345678", "", Both, Body: "abcd");
        yield return new("a streamed request, changed", "dd:upper", "200 12345678", "ABCD", Both, Body: "abcd");
        yield return new("more behind a streamed request", "dt:append", "200 12345678", "abcd+more", "dh dd dt eh ed log destroy", Body: "**abcd");
        yield return new("more behind a streamed response", "et:append", "200 12345678+more", "", "dh. eh ed et log destroy", Path: "/trailers");
        yield return new("the whole request, read", "dh:whole, dw:count", "200 12345678", "{4 4}abcd", "dh dw eh ed log destroy", Body: "abcd");
        yield return new("the front of the whole request", "dh:whole, dw:drain", "200 12345678", "cd", "dh dw eh ed log destroy", Body: "abcd");
        yield return new("another whole request", "dh:whole, dw:replace", "200 12345678", "another", "dh dw eh ed log destroy", Body: "abcd");
        yield return new("the whole response, read", "eh:whole, ew:count", "200 {8 8}12345678", "", "dh. eh ew log destroy");
        yield return new("another whole response", "eh:whole, ew:replace", "200 another", "", "dh. eh ew log destroy");
        yield return new("a large request", "dd:thread", "200 12345678", "#200000", Both, Body: "#200000");
        yield return new("a large response", "ed:thread", "200 #200000", "", Plain, Path: "/large");
        yield return new("a large request, whole", "dh:whole, dw:append", "200 12345678", "#200005", "dh dw eh ed log destroy", Body: "#200000");
        yield return new("a large response, whole", "eh:whole, ew:append", "200 #200005", "", "dh. eh ew log destroy", Path: "/large");

        yield return new("another path", "dh:path", "200 12345678", "", Plain, Line: "GET /chunked?x=1 a");
        yield return new("another authority", "dh:authority", "200 12345678", "", Plain, Line: "GET /length b.example");
        yield return new("another method", "dh:method", "200 12345678", "", Plain, Line: "PUT /length a");
        yield return new("another status", "eh:status", "201 12345678", "", Plain);

        yield return new("a HEAD", "eh:mark", "200 {eh}", "", "dh. eh. log destroy", Method: "HEAD");
        yield return new("the whole response to a HEAD", "eh:whole, ew:mark append", "200 {ew}", "", "dh. eh. ew log destroy", Method: "HEAD");
        yield return new("no content", "eh:mark", "204 {eh204}", "", "dh. eh204. log destroy", Path: "/204");
        yield return new("the whole of no content", "eh:whole, ew:mark append", "204 {ew}", "", "dh. eh204. ew log destroy", Path: "/204");
        yield return new("not modified", "eh:mark", "304 {eh304}", "", "dh. eh304. log destroy", Path: "/304");
    }

    private static IEnumerable<ConformanceCase> Replies()
    {
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

        yield return new("a reply amid a request", "dd:reply", "403 {reply}from dd", "?", "dh dd local403 eh403 ed log destroy", Body: "abcd");
        yield return new("a reply to a HEAD", "dh:reply", "403 {reply}", "-", "dh. local403 eh403 ed log destroy", Method: "HEAD");
        yield return new("a streamed reply to a HEAD", "dh:streamed", "200 ", "-", "dh. eh. log destroy", Method: "HEAD");
        yield return new("a reply that is not wanted", "dh:reply, local:stop", "cut", "-", "dh. local403 log destroy");
    }

    private static IEnumerable<ConformanceCase> Ends()
    {
        yield return new("an upstream that fails", "", "?", "?", "dh. local5xx eh5xx ed log destroy", Path: "/fail");
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

    private static IEnumerable<ConformanceCase> Streams()
    {
        yield return new("the request's line, read", "dh:tell", "200 GET /length a http", "-", "dh. local200 eh ed log destroy");
        yield return new("the route of another path", "dh:other rematch", "200 12345678", "{again}", Plain, Line: "GET /other a");
        yield return new("another thread", "dh:thread mark, eh:thread mark", "200 {eh}12345678", "{dh}", Plain);
        yield return new("what a stream keeps", "dh:set, eh:get", "200 {t 3 True s v}12345678", "", Plain);
        yield return new("attributes", "eh:attributes", "200 {GET /length a HTTP/1.1 200}12345678", "", Plain);
        yield return new("a callout at the request", "dh:callout", "200 12345678", "{200 called 1 asked}", Plain);
        yield return new("a callout at the response", "eh:callout", "200 {200 called 1 asked}12345678", "", Plain);
        yield return new("a metric", "dh:metric, eh:metric", "200 12345678", "", Plain);
        yield return new("a line of the log", "dh:write", "200 12345678", "", Plain);
    }
}
