using System.Buffers.Text;
using Outrider.Http.Headers;
using Outrider.Net.Addresses;
using Outrider.Proxy.Configuration.Model;
using Outrider.Proxy.Upstream;

namespace Outrider.Proxy.Streams;

/// <summary>
/// What a proxy tells the upstream about the client: <c>x-forwarded-for</c>, <c>x-forwarded-proto</c> and
/// <c>x-request-id</c>. Set before the filters run, so that they see what the upstream will see. One for each listener and loop.
/// </summary>
internal sealed class ForwardingHeaders(XForwardedForMode mode, bool generateRequestId, LoopRandom random)
{
    private const int RequestIdLength = 36;

    internal void Apply(ProxyStream stream)
    {
        var fields = stream.Request.Fields;
        if (mode != XForwardedForMode.Off)
        {
            ApplyForwardedFor(fields, stream.RemoteAddress);
            if (mode == XForwardedForMode.Replace)
            {
                _ = fields.Remove(KnownHeader.XForwardedProto);
            }

            if (fields.IndexOf(KnownHeader.XForwardedProto) < 0)
            {
                fields.Add("x-forwarded-proto"u8, stream.RequestPath.Headers.Scheme, KnownHeader.XForwardedProto);
            }
        }

        if (generateRequestId && fields.IndexOf(KnownHeader.XRequestId) < 0)
        {
            Span<byte> id = stackalloc byte[RequestIdLength];
            WriteRequestId(id);
            fields.Add("x-request-id"u8, id, KnownHeader.XRequestId);
        }
    }

    private void ApplyForwardedFor(HeaderBlock fields, PeerAddress remote)
    {
        Span<byte> address = stackalloc byte[PeerAddress.MaxAddressLength];
        address = address[..remote.FormatAddress(address)];
        int index = fields.IndexOf(KnownHeader.XForwardedFor);
        if (index < 0 || mode == XForwardedForMode.Replace)
        {
            _ = fields.Remove(KnownHeader.XForwardedFor);
            fields.Add("x-forwarded-for"u8, address, KnownHeader.XForwardedFor);
            return;
        }

        // Several lines are one list (RFC 9110 §5.3); ours goes to the end of the last.
        for (int i = fields.Count - 1; i > index; i--)
        {
            if (fields.KnownAt(i) == KnownHeader.XForwardedFor)
            {
                index = i;
                break;
            }
        }

        var before = fields.ValueAt(index);
        byte[]? rented = null;
        int length = before.Length + 2 + address.Length;
        Span<byte> list = length <= 512 ? stackalloc byte[length] : (rented = System.Buffers.ArrayPool<byte>.Shared.Rent(length)).AsSpan(0, length);
        before.CopyTo(list);
        ", "u8.CopyTo(list[before.Length..]);
        address.CopyTo(list[(before.Length + 2)..]);
        fields.SetValueAt(index, list);
        if (rented is not null)
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(rented);
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
