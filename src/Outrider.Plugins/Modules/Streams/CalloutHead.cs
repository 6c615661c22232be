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
    /// <exception cref="ArgumentException">A header is not one.</exception>
    internal static bool TryFill(RequestHead head, ModuleHeader* headers, nuint count)
    {
        for (nuint i = 0; i < count; i++)
        {
            var name = headers[i].NameSpan;
            var value = headers[i].ValueSpan;
            if (name.SequenceEqual(":method"u8))
            {
                if (!HeaderSyntax.IsToken(value))
                {
                    throw new ArgumentException("a method is a token");
                }

                head.SetMethod(value);
            }
            else if (name.SequenceEqual(":path"u8))
            {
                if (value.IsEmpty || value.IndexOfAnyInRange((byte)0, (byte)' ') >= 0 || value.Contains((byte)127))
                {
                    throw new ArgumentException("a path holds no white space");
                }

                head.SetTarget(value);
            }
            else if (name.SequenceEqual(":authority"u8) || System.Text.Ascii.EqualsIgnoreCase(name, "host"u8))
            {
                if (!RequestTargets.IsAuthority(value))
                {
                    throw new ArgumentException("an authority is uri-host[:port]");
                }

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

        return !head.Method.IsEmpty && !head.Target.IsEmpty && !head.Authority.IsEmpty;
    }
}
