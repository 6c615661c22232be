using Outrider.Configuration.Model;
using Outrider.Http.V2.Server;

namespace Outrider.Proxy.Listening;

/// <summary>Tells by a connection's first bytes whether it is HTTP.</summary>
internal static class FirstBytes
{
    // RFC 9110 §9.3 and RFC 5789: what MOSN looks for. Others' methods are taken for another protocol's words.
    private static readonly byte[][] s_methods =
        [.. ((string[])["GET ", "HEAD ", "POST ", "PUT ", "DELETE ", "CONNECT ", "OPTIONS ", "TRACE ", "PATCH "]).Select(System.Text.Encoding.ASCII.GetBytes)];

    /// <summary>Is it HTTP, of those versions? Null where there are too few bytes to tell.</summary>
    internal static bool? IsHttp(ReadOnlySpan<byte> data, DownstreamProtocols protocols)
    {
        bool mayBe = false;
        if ((protocols & DownstreamProtocols.Http1) != 0)
        {
            foreach (byte[] method in s_methods)
            {
                if (data.StartsWith(method))
                {
                    return true;
                }

                mayBe |= method.AsSpan().StartsWith(data);
            }
        }

        if ((protocols & DownstreamProtocols.Http2) != 0)
        {
            var preface = Http2ServerConnection.Preface;
            if (data.StartsWith(preface[..Math.Min(preface.Length, Math.Max(data.Length, 4))]))
            {
                return true;
            }

            mayBe |= preface.StartsWith(data);
        }

        return mayBe ? null : false;
    }
}
