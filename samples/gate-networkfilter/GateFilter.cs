using Outrider.Filters;

namespace Outrider.Samples.GateNetworkFilter;

/// <summary>Lets in only those connections whose TLS asks for certain server names, or whose first bytes are certain ones. Nobody behind hears of the others.</summary>
/// <param name="config">Who may come in.</param>
[NetworkFilter("name-gate")]
public sealed class GateFilter(GateConfig config) : NetworkFilter
{
    private bool _open;

    /// <inheritdoc/>
    public override ValueTask<NetworkAction> OnConnectedAsync()
    {
        _open = config.Allows(Connection.ServerName);
        return new(_open ? NetworkAction.Continue
            : config.Beginnings.Length > 0 ? NetworkAction.Wait
            : NetworkAction.Close($"nobody may ask for the server name {Connection.ServerName ?? "(none)"}"));
    }

    /// <inheritdoc/>
    public override ValueTask<NetworkAction> OnReceivedAsync(NetworkData data, bool isLast)
    {
        bool mayStill = false;
        foreach (byte[] beginning in config.Beginnings)
        {
            int known = Math.Min(beginning.Length, data.Length);
            bool fits = !_open && data.Span[..known].SequenceEqual(beginning.AsSpan(0, known));
            _open |= fits && known == beginning.Length;
            mayStill |= fits;
        }

        return new(_open ? NetworkAction.Continue : mayStill && !isLast ? NetworkAction.Wait : NetworkAction.Close("it does not begin as it should"));
    }
}
