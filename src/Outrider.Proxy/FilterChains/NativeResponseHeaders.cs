using Outrider.Filters;
using Outrider.Http.Headers;
using Outrider.Http.Messages;

namespace Outrider.Proxy.FilterChains;

/// <summary>A response's head as a filter sees it; reads and writes the stream's own.</summary>
internal sealed class NativeResponseHeaders(ResponseHead head) : ResponseHeaders
{
    private HeaderBlock Fields => head.Fields;

    public override int Count => Fields.Count;

    public override HeaderField this[int index] => FieldAccess.At(Fields, index);

    public override int Status
    {
        get => head.Status;
        set
        {
            LocalReply.ValidateStatus(value);
            if (head.Status == 101)
            {
                throw new ArgumentOutOfRangeException(nameof(value), value, "an upgrade cannot be taken back");
            }

            head.Status = value;
        }
    }

    public override bool TryGetValue(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value) => FieldAccess.TryGetValue(Fields, name, out value);

    public override void Set(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => FieldAccess.Set(head, name, value);

    public override void Append(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => FieldAccess.Append(head, name, value);

    public override bool Remove(ReadOnlySpan<byte> name) => FieldAccess.Remove(head, name);
}
