using System.Text;
using Outrider.Filters;

namespace Outrider.StockFilters.Auth;

/// <summary>Finds a credential in a header, a query or a cookie, and takes it out.</summary>
internal static class RequestCredential
{
    private static ReadOnlySpan<byte> Bearer => "Bearer "u8;

    /// <summary>The credential's bytes; null when there is none.</summary>
    internal static byte[]? Find(RequestHeaders headers, ApiKeySourceConfig source)
    {
        if (source.Header.Length > 0)
        {
            return headers.TryGetValue(source.Name, out var value) ? WithoutScheme(source.Header, value).ToArray() : null;
        }

        if (source.Query.Length > 0)
        {
            var query = headers.Path[headers.PathWithoutQuery.Length..].TrimStart((byte)'?');
            foreach (var range in query.Split((byte)'&'))
            {
                if (TryReadPair(query[range], source.Name, out var found))
                {
                    return Encoding.Latin1.GetBytes(Uri.UnescapeDataString(Encoding.Latin1.GetString(found).Replace('+', ' ')));
                }
            }

            return null;
        }

        foreach (var field in headers)
        {
            if (Ascii.EqualsIgnoreCase(field.Name, "cookie"u8))
            {
                foreach (var range in field.Value.Split((byte)';'))
                {
                    if (TryReadPair(field.Value[range].Trim((byte)' '), source.Name, out var found))
                    {
                        return found.Trim((byte)'"').ToArray();
                    }
                }
            }
        }

        return null;
    }

    /// <summary>Takes it out of the request: all of a header, or every pair of that name.</summary>
    internal static void Remove(RequestHeaders headers, ApiKeySourceConfig source)
    {
        if (source.Header.Length > 0)
        {
            _ = headers.Remove(source.Name);
        }
        else if (source.Query.Length > 0)
        {
            string path = headers.PathString;
            int question = path.IndexOf('?', StringComparison.Ordinal);
            string rest = Without(path[(question + 1)..], '&', "&", source.Query);
            headers.Path = Encoding.Latin1.GetBytes(rest.Length == 0 ? path[..question] : $"{path[..question]}?{rest}");
        }
        else
        {
            string[] rests = [.. Cookies(headers).Select(cookies => Without(cookies, ';', "; ", source.Cookie)).Where(rest => rest.Length > 0)];
            _ = headers.Remove("cookie"u8);
            foreach (string rest in rests)
            {
                headers.Append("cookie", rest);
            }
        }
    }

    private static ReadOnlySpan<byte> WithoutScheme(string name, ReadOnlySpan<byte> value)
        => name.Equals("authorization", StringComparison.OrdinalIgnoreCase) && value.Length > Bearer.Length && Ascii.EqualsIgnoreCase(value[..Bearer.Length], Bearer)
            ? value[Bearer.Length..].Trim((byte)' ')
            : value;

    private static bool TryReadPair(ReadOnlySpan<byte> pair, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        bool found = pair.Length > name.Length && pair[name.Length] == '=' && pair.StartsWith(name);
        value = found ? pair[(name.Length + 1)..] : default;
        return found;
    }

    private static List<string> Cookies(RequestHeaders headers)
    {
        var cookies = new List<string>();
        foreach (var field in headers)
        {
            if (Ascii.EqualsIgnoreCase(field.Name, "cookie"u8))
            {
                cookies.Add(Encoding.Latin1.GetString(field.Value));
            }
        }

        return cookies;
    }

    private static string Without(string pairs, char separator, string joint, string name)
        => string.Join(joint, pairs.Split(separator).Select(pair => pair.Trim(' ')).Where(pair => pair.Length > 0 && !pair.StartsWith(name + "=", StringComparison.Ordinal)));
}
