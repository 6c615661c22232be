using Outrider.Http.Headers;

namespace Outrider.Http.V1.Parsing;

/// <summary>What goes on of the upgrades that a request asks for.</summary>
internal static class UpgradeFields
{
    // Every line counts: what one server takes from the first Upgrade another takes from the last. So what goes on is what may
    // become a tunnel, and nothing else; false when there is none.
    /// <summary>Leaves of <c>Upgrade</c> what may become a tunnel. False: there is nothing left.</summary>
    internal static bool KeepTunnels(HeaderBlock fields)
    {
        bool any = false;
        for (int i = fields.Count - 1; i >= 0; i--)
        {
            any |= fields.KnownAt(i) == KnownHeader.Upgrade && (FieldRules.IsTunnel(fields.ValueAt(i)) || KeepTunnelsAt(fields, i));
        }

        return any;
    }

    private static bool KeepTunnelsAt(HeaderBlock fields, int index)
    {
        var protocols = fields.ValueAt(index);
        Span<byte> kept = protocols.Length <= 256 ? stackalloc byte[256] : new byte[protocols.Length];
        int length = FieldRules.CopyTunnels(protocols, kept);
        if (length == 0)
        {
            fields.RemoveAt(index);
            return false;
        }

        fields.SetValueAt(index, kept[..length]);
        return true;
    }
}
