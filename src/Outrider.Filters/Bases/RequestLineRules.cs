namespace Outrider.Filters;

/// <summary>What a filter may make of a request's first line, on every base: what a client could have sent, and nothing else.</summary>
internal static class RequestLineRules
{
    /// <exception cref="ArgumentException">No client could send this method, or not with this target.</exception>
    internal static void ThrowUnlessMethod(ReadOnlySpan<byte> method, ReadOnlySpan<byte> target)
    {
        if (!HeaderSyntax.IsToken(method))
        {
            throw new ArgumentException("a method is a token (RFC 9110 §9.1)");
        }

        if (method.SequenceEqual("CONNECT"u8))
        {
            throw new ArgumentException("CONNECT asks for a tunnel and has no path (RFC 9110 §9.3.6): a request cannot become one");
        }

        if (target is [(byte)'*'] && !method.SequenceEqual("OPTIONS"u8))
        {
            throw new ArgumentException("the path '*' goes with OPTIONS alone (RFC 9112 §3.2.4): set the path first");
        }
    }

    /// <exception cref="ArgumentException">No client could send this target, or not with this method.</exception>
    internal static void ThrowUnlessTarget(ReadOnlySpan<byte> target, ReadOnlySpan<byte> method)
    {
        if (target is [(byte)'*'])
        {
            if (!method.SequenceEqual("OPTIONS"u8))
            {
                throw new ArgumentException("the path '*' goes with OPTIONS alone (RFC 9112 §3.2.4): set the method first");
            }

            return;
        }

        if (target.IsEmpty || target[0] != '/' || target.IndexOfAnyInRange((byte)0, (byte)' ') >= 0 || target.IndexOfAny((byte)127, (byte)'#') >= 0)
        {
            throw new ArgumentException("a path begins with '/' and holds no white space, control character or fragment");
        }
    }
}
