using Outrider.Filters;
using Outrider.Http.Headers;
using Outrider.Http.Messages;
using Outrider.Http.V1.Parsing;
using Outrider.Modules.Abi;

namespace Outrider.Plugins.Modules.Streams;

/// <summary>A request's head from the headers that a module gives, the method, path and host among them.</summary>
internal static unsafe class CalloutHead
{
    /// <summary>False: one of <c>:method</c>, <c>:path</c> and <c>host</c> (or <c>:authority</c>) is missing.</summary>
    /// <param name="head">What is filled; of a stream that is not sent when this throws.</param>
    /// <param name="headers">The module's.</param>
    /// <param name="count">How many.</param>
    /// <param name="isStrict">Are clients held to what RFC 3986 allows in a target, and so modules too?</param>
    /// <exception cref="ArgumentException">A header is not one, or no client could send it.</exception>
    internal static bool TryFill(RequestHead head, ModuleHeader* headers, nuint count, bool isStrict)
    {
        for (nuint i = 0; i < count; i++)
        {
            var name = headers[i].NameSpan;
            var value = headers[i].ValueSpan;
            if (name.SequenceEqual(":method"u8))
            {
                head.SetMethod(value);
            }
            else if (name.SequenceEqual(":path"u8))
            {
                head.SetTarget(value);
            }
            else if (name.SequenceEqual(":authority"u8) || System.Text.Ascii.EqualsIgnoreCase(name, "host"u8))
            {
                RequestLineRules.ThrowUnlessAuthority(value);
                head.SetAuthority(value);
            }
            else if (name is not [(byte)':', ..])
            {
                HeaderSyntax.ThrowIfInvalid(name, value);
                var known = KnownHeaders.Identify(name);
                if (known != KnownHeader.ContentLength && known != KnownHeader.Expect && !KnownHeaders.IsHopByHop(known))
                {
                    head.Fields.Add(name, value, known);
                }
            }
        }

        if (head.Method.IsEmpty || head.Target.IsEmpty || head.Authority.IsEmpty)
        {
            return false;
        }

        RequestLineRules.ThrowUnlessMethod(head.Method, head.Target);
        RequestLineRules.ThrowUnlessTarget(head.Target, head.Method);
        return !isStrict || RequestTargets.IsStrict(head.Target)
            ? true
            : throw new ArgumentException("the listener has strict_target: a path may have only what RFC 3986 allows");
    }
}
