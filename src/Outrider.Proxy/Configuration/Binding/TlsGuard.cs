using System.Text.Json;

namespace Outrider.Proxy.Configuration;

/// <summary>
/// TLS is not supported yet. A key that asks for it is an error rather than a warning: bytes that were to be encrypted must not
/// travel in the clear because someone overlooked a line in a log.
/// </summary>
internal static class TlsGuard
{
    public static void Refuse(ObjectReader reader, params ReadOnlySpan<string> keys)
    {
        foreach (string key in keys)
        {
            if (reader.Take(key) is not { } node)
            {
                continue;
            }

            IReadOnlyList<ConfigurationNode> contexts = node.Kind == JsonValueKind.Array ? node.Items : [node];
            if (contexts.FirstOrDefault(c => c.Find("status") is { Kind: not (JsonValueKind.False or JsonValueKind.Null) }) is { } active)
            {
                reader.Problems.Error(active, "TLS is not supported yet; without it this would be plain text (\"status\": false turns it off)");
            }
        }
    }
}
