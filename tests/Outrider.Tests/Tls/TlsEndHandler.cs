using System.Text;
using Outrider.Net.Sockets;

namespace Outrider.Tests.Tls;

/// <summary>Takes so many bytes at a time of what it is given.</summary>
internal sealed class TlsEndHandler : TransportHandler
{
    private readonly StringBuilder _received = new();

    /// <summary>How many bytes it takes of the next piece; the rest it leaves.</summary>
    internal int Takes { get; set; } = int.MaxValue;

    /// <summary>What it does when it is given something.</summary>
    internal Action? Does { get; set; }

    /// <summary>What it took.</summary>
    internal string Received => _received.ToString();

    /// <summary>How often it was given something.</summary>
    internal int Calls { get; private set; }

    public override int OnReceived(ReadOnlySpan<byte> data)
    {
        Calls++;
        Does?.Invoke();
        int taken = Math.Min(Takes, data.Length);
        _received.Append(Encoding.Latin1.GetString(data[..taken]));
        return taken;
    }

    public override void OnEndOfInput() => throw new NotSupportedException();

    public override void OnClosed(int error) => throw new NotSupportedException();

    public override void OnCut() => throw new NotSupportedException();
}
