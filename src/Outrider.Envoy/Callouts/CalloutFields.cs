using System.Text;
using Outrider.Envoy.Headers;
using Outrider.Envoy.Links;
using Outrider.Filters;
using Outrider.Modules.Abi;

namespace Outrider.Envoy.Callouts;

/// <summary>The heads and bodies of callouts, between our form and Envoy's.</summary>
internal static class CalloutFields
{
    /// <summary>A request's head, good until it is disposed.</summary>
    /// <exception cref="ArgumentException">As <see cref="Callout.HostBytes"/>.</exception>
    internal static ModuleHeaders Of(Callout callout)
    {
        byte[] host = callout.HostBytes;
        var fields = new ModuleHeaders([]);
        foreach (var (name, value) in callout.Headers)
        {
            // Where the request ends Envoy says, which knows its body; what else belongs to a connection is not the callout's to say, but for what
            // HTTP/2 lets stand, and gRPC wants.
            byte[] bytes = Encoding.Latin1.GetBytes(name);
            bool isTe = callout.RequiresHttp2 && HeaderAccess.Is(bytes, "te"u8) && value == "trailers";
            if (isTe || !Callout.IsHost(name) && !HeaderAccess.Is(bytes, "content-length"u8) && !HeaderAccess.Is(bytes, "expect"u8) && !HeaderSyntax.IsConnections(bytes))
            {
                fields.Add(bytes, Encoding.Latin1.GetBytes(value));
            }
        }

        fields.Add(":method"u8, Encoding.UTF8.GetBytes(callout.Method));
        fields.Add(":path"u8, Encoding.UTF8.GetBytes(callout.Path));
        fields.Add("host"u8, host);
        return fields;
    }

    /// <summary>A copy of a response's head, with this body.</summary>
    internal static CalloutResponse ReadHead(ReadOnlySpan<EnvoyHeader> headers, byte[] body)
    {
        int status = 0;
        var fields = new List<KeyValuePair<string, string>>(headers.Length);
        foreach (var (name, value) in Read(headers))
        {
            if (name == ":status")
            {
                _ = int.TryParse(value, out status);
            }
            else
            {
                fields.Add(new(name, value));
            }
        }

        return new CalloutResponse(status, fields, body);
    }

    /// <summary>A copy of header fields.</summary>
    internal static List<KeyValuePair<string, string>> Read(ReadOnlySpan<EnvoyHeader> headers)
    {
        var fields = new List<KeyValuePair<string, string>>(headers.Length);
        foreach (var header in headers)
        {
            fields.Add(new(Encoding.Latin1.GetString(header.NameSpan), Encoding.Latin1.GetString(header.ValueSpan)));
        }

        return fields;
    }

    /// <summary>A copy of a body.</summary>
    internal static byte[] Join(ReadOnlySpan<EnvoyBuffer> slices)
    {
        int length = 0;
        foreach (var slice in slices)
        {
            length += (int)slice.Length;
        }

        var bytes = new byte[length];
        int at = 0;
        foreach (var slice in slices)
        {
            slice.Span.CopyTo(bytes.AsSpan(at));
            at += (int)slice.Length;
        }

        return bytes;
    }
}
