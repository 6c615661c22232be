using System.Globalization;
using System.Text;
using Outrider.Configuration.Model;

namespace Outrider.Upstream.Affinity;

/// <summary>Makes a cookie's line for clients (RFC 6265 §4.1): a number as its value, which scripts do not see. Allocates nothing for a line.</summary>
internal sealed class CookieMaker
{
    private const int KeyLength = 16;

    private readonly byte[] _head;
    private readonly byte[] _tail;

    /// <param name="configuration">What it is called, and how long it lives.</param>
    public CookieMaker(AffinityConfiguration configuration)
    {
        Name = Encoding.UTF8.GetBytes(configuration.Name);
        _head = Encoding.UTF8.GetBytes(configuration.Name + "=");
        string path = configuration.Path.Length > 0 ? "; Path=" + configuration.Path : "";
        string age = configuration.Lifetime > TimeSpan.Zero ? string.Create(CultureInfo.InvariantCulture, $"; Max-Age={Math.Max(1, (long)configuration.Lifetime.TotalSeconds)}") : "";
        _tail = Encoding.UTF8.GetBytes($"{path}{age}; HttpOnly");
    }

    /// <summary>Its name.</summary>
    public ReadOnlyMemory<byte> Name { get; }

    /// <summary>How long a line is.</summary>
    public int LineLength => _head.Length + KeyLength + _tail.Length;

    /// <summary>Writes a value: 16 hexadecimal digits.</summary>
    public static void WriteValue(ulong key, Span<byte> destination) => _ = key.TryFormat(destination, out _, "x16", CultureInfo.InvariantCulture);

    /// <summary>Writes the line, <see cref="LineLength"/> bytes.</summary>
    public void Write(ulong key, Span<byte> line)
    {
        _head.CopyTo(line);
        WriteValue(key, line[_head.Length..]);
        _tail.CopyTo(line[(_head.Length + KeyLength)..]);
    }
}
