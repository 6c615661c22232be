using System.Collections.Frozen;
using System.Text;
using Outrider.Configuration.Json;
using Outrider.Configuration.Model;
using Outrider.Filters;

namespace Outrider.Configuration.Binding;

/// <summary>Binds the four keys that add and remove headers, which routers, virtual hosts and routes share.</summary>
internal static class HeaderMutationsBinder
{
    private static readonly FrozenSet<string> s_theirs = FrozenSet.ToFrozenSet(
        ["connection", "content-length", "http2-settings", "keep-alive", "proxy-connection", "te", "transfer-encoding", "upgrade"], StringComparer.OrdinalIgnoreCase);

    public static HeaderMutations Bind(ObjectReader reader)
    {
        var mutations = new HeaderMutations
        {
            RequestAdd = Additions(reader, "request_headers_to_add"),
            RequestRemove = Names(reader, "request_headers_to_remove"),
            ResponseAdd = Additions(reader, "response_headers_to_add"),
            ResponseRemove = Names(reader, "response_headers_to_remove"),
        };
        bool isEmpty = mutations.RequestAdd.Count + mutations.RequestRemove.Count + mutations.ResponseAdd.Count + mutations.ResponseRemove.Count == 0;
        return isEmpty ? HeaderMutations.None : mutations;
    }

    /// <summary>Whether that is a header's name; an error when it is not.</summary>
    public static bool IsName(ConfigurationNode node, ProblemLog problems)
    {
        if (HeaderSyntax.IsToken(Encoding.UTF8.GetBytes(node.Text)))
        {
            return true;
        }

        ObjectReader.Wrong(node, problems, "a header's name (RFC 9110 §5.1)");
        return false;
    }

    private static string[] Names(ObjectReader reader, string key)
        => [.. reader.Texts(key).Where(node => IsName(node, reader.Problems) && IsOurs(node, reader.Problems)).Select(node => node.Text)];

    /// <summary>
    /// Whether a configuration may change that header. Those that frame a message or belong to one connection are the codecs'
    /// to write: a second <c>Transfer-Encoding</c> would let a client smuggle requests (RFC 9112 §11.2).
    /// </summary>
    private static bool IsOurs(ConfigurationNode name, ProblemLog problems)
    {
        if (!s_theirs.Contains(name.Text))
        {
            return true;
        }

        problems.Warning(name, "the proxy writes this header itself; the change is left out");
        return false;
    }

    private static List<HeaderAddition> Additions(ObjectReader reader, string key)
    {
        List<HeaderAddition> additions = [];
        foreach (ObjectReader option in reader.Objects(key))
        {
            bool append = option.Flag("append", true);
            if (option.Object("header") is { } header)
            {
                string? name = header.RequiredText("key");
                string value = header.Text("value") ?? "";
                if (name is not null && IsName(header.Take("key")!, reader.Problems) && IsValue(header, name, value) && IsOurs(header.Take("key")!, reader.Problems))
                {
                    additions.Add(new HeaderAddition(name, value, append));
                }

                header.Finish();
            }
            else if (option.Take("header") is null)
            {
                option.Error("header", "is missing and required");
            }

            option.Finish();
        }

        return additions;
    }

    private static bool IsValue(ObjectReader header, string name, string value)
    {
        if (name.Equals("host", StringComparison.OrdinalIgnoreCase) && !RequestLineRules.IsAuthority(Encoding.UTF8.GetBytes(value)))
        {
            header.Error("value", "of Host is a host, with a port or without (RFC 9112 §3.2)");
            return false;
        }

        if (!HeaderSyntax.IsValue(Encoding.UTF8.GetBytes(value)))
        {
            ObjectReader.Wrong(header.Take("value")!, header.Problems, "a header's value without control characters (RFC 9110 §5.5)");
            return false;
        }

        if (value.Length > 2 && value[0] == '%' && value[^1] == '%')
        {
            header.Warning("value", "variables are not supported yet; this text is sent as it stands");
        }

        return true;
    }
}
