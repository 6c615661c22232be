using System.Buffers;
using System.Buffers.Text;
using System.Text;
using Outrider.Configuration.Model;
using Outrider.Http.Headers;
using Outrider.Net.Addresses;
using Outrider.Proxy.Streams.Records;
using Outrider.Upstream;

namespace Outrider.Proxy.Streams;

/// <summary>
/// What a proxy tells the upstream about the client: <c>x-forwarded-for</c> and its like, <c>forwarded</c> and <c>x-request-id</c>. Set before the filters run, so that they see what the upstream will see. One for each listener and loop.
/// </summary>
internal sealed class ForwardingHeaders(ForwardingConfiguration configuration, LoopRandom random)
{
    private const int RequestIdLength = 36;

    /// <summary>The client of the request, as far as those before us are believed.</summary>
    internal PeerAddress ClientOf(StreamRecord stream)
        => configuration.Trusted.IsAny ? ClientAddress.Find(stream.Request.Fields, stream.Addresses.Peer, configuration.Trusted) : stream.Addresses.Peer;

    internal void Apply(StreamRecord stream)
    {
        var fields = stream.Request.Fields;
        var mode = configuration.For;
        if (mode != XForwardedForMode.Off)
        {
            ApplyForwardedFor(fields, mode == XForwardedForMode.Replace ? stream.Addresses.Remote : stream.Addresses.Peer);
            if (mode == XForwardedForMode.Replace)
            {
                _ = fields.Remove(KnownHeader.XForwardedProto);
            }

            if (fields.IndexOf(KnownHeader.XForwardedProto) < 0)
            {
                fields.AddLine("x-forwarded-proto"u8, stream.RequestHeaders.Scheme, KnownHeader.XForwardedProto);
            }
        }

        if (configuration.Host != XForwardedForMode.Off)
        {
            ApplyOne(fields, configuration.Host, "x-forwarded-host"u8, stream.Request.Authority);
        }

        if (configuration.Port != XForwardedForMode.Off)
        {
            ApplyPort(fields, stream.Client.Transport.LocalAddress.Port);
        }

        if (configuration.Forwarded != XForwardedForMode.Off)
        {
            ApplyForwarded(fields, stream);
        }

        if (configuration.ClientCertificate != XForwardedForMode.Off)
        {
            ApplyCertificate(fields, ClientCertificateText.Of(stream.Client.Transport.Tls));
        }

        if (configuration.GenerateRequestId && fields.IndexOf(KnownHeader.XRequestId) < 0)
        {
            AddRequestId(fields);
        }
    }

    // What takes room on the stack is apart from what each request does: the runtime clears it, and compiles such a method without having seen it run.
    private void ApplyPort(HeaderBlock fields, int number)
    {
        Span<byte> port = stackalloc byte[5];
        _ = Utf8Formatter.TryFormat(number, port, out int length);
        ApplyOne(fields, configuration.Port, "x-forwarded-port"u8, number == 0 ? default : port[..length]);
    }

    private void AddRequestId(HeaderBlock fields)
    {
        Span<byte> id = stackalloc byte[RequestIdLength];
        WriteRequestId(id);
        fields.AddLine("x-request-id"u8, id, KnownHeader.XRequestId);
    }

    // One value and no list: with "append" the first proxy's stays.
    private static void ApplyOne(HeaderBlock fields, XForwardedForMode mode, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (mode == XForwardedForMode.Off || (mode == XForwardedForMode.Append && fields.IndexOf(name) >= 0))
        {
            return;
        }

        _ = fields.Remove(name);
        if (!value.IsEmpty)
        {
            // The value may lie in the block itself, which may move when it grows.
            Span<byte> copy = stackalloc byte[Math.Min(value.Length, 256)];
            if (value.Length <= 256)
            {
                value.CopyTo(copy);
                fields.Add(name, copy);
            }
            else
            {
                byte[] rented = ArrayPool<byte>.Shared.Rent(value.Length);
                value.CopyTo(rented);
                fields.Add(name, rented.AsSpan(0, value.Length));
                ArrayPool<byte>.Shared.Return(rented);
            }
        }
    }

    private void ApplyForwarded(HeaderBlock fields, StreamRecord stream)
    {
        bool replaces = configuration.Forwarded == XForwardedForMode.Replace;
        var host = stream.Request.Authority;
        byte[] element = ArrayPool<byte>.Shared.Rent(ForwardedElement.MaxLength(host.Length));
        int length = ForwardedElement.Write(element, replaces ? stream.Addresses.Remote : stream.Addresses.Peer, host, stream.RequestHeaders.Scheme);
        if (replaces)
        {
            _ = fields.Remove("forwarded"u8);
        }

        AddToList(fields, "forwarded"u8, element.AsSpan(0, length));
        ArrayPool<byte>.Shared.Return(element);
    }

    // Who has shown no certificate has nobody to vouch for what it says of one.
    private void ApplyCertificate(HeaderBlock fields, byte[]? text)
    {
        if (text is null || configuration.ClientCertificate == XForwardedForMode.Replace)
        {
            _ = fields.Remove("x-forwarded-client-cert"u8);
        }

        if (text is not null)
        {
            AddToList(fields, "x-forwarded-client-cert"u8, text);
        }
    }

    private void ApplyForwardedFor(HeaderBlock fields, PeerAddress remote)
    {
        Span<byte> address = stackalloc byte[PeerAddress.MaxAddressLength];
        address = address[..remote.FormatAddress(address)];
        if (configuration.For == XForwardedForMode.Replace)
        {
            _ = fields.Remove(KnownHeader.XForwardedFor);
        }

        if (fields.IndexOf(KnownHeader.XForwardedFor) < 0)
        {
            fields.AddLine("x-forwarded-for"u8, address, KnownHeader.XForwardedFor);
        }
        else
        {
            AddToList(fields, "x-forwarded-for"u8, address);
        }
    }

    /// <summary>Puts an element at the end of a list; several lines are one list (RFC 9110 §5.3), and ours goes to the end of the last.</summary>
    private static void AddToList(HeaderBlock fields, ReadOnlySpan<byte> name, ReadOnlySpan<byte> element)
    {
        int index = -1;
        for (int i = fields.Count - 1; i >= 0 && index < 0; i--)
        {
            index = Ascii.EqualsIgnoreCase(fields.NameAt(i), name) ? i : -1;
        }

        if (index < 0)
        {
            fields.Add(name, element);
            return;
        }

        var before = fields.ValueAt(index);
        byte[]? rented = null;
        int length = before.Length + 2 + element.Length;
        Span<byte> list = length <= 512 ? stackalloc byte[length] : (rented = ArrayPool<byte>.Shared.Rent(length)).AsSpan(0, length);
        before.CopyTo(list);
        ", "u8.CopyTo(list[before.Length..]);
        element.CopyTo(list[(before.Length + 2)..]);
        fields.SetValueAt(index, list);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    // A random UUID (RFC 9562 §5.4). It is a name for logs, not a secret, so the loop's own generator is good enough.
    private void WriteRequestId(Span<byte> destination)
    {
        ulong high = (random.NextULong() & 0xFFFF_FFFF_FFFF_0FFF) | 0x4000;
        ulong low = (random.NextULong() & 0x3FFF_FFFF_FFFF_FFFF) | 0x8000_0000_0000_0000;
        Span<byte> bytes = stackalloc byte[16];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(bytes, high);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], low);
        _ = Utf8Formatter.TryFormat(new Guid(bytes, bigEndian: true), destination, out _);
    }
}
