using System.Buffers.Text;
using Outrider.Envoy.Links;
using Outrider.Filters;
using Outrider.Modules.Abi;

namespace Outrider.Envoy.Headers;

/// <summary>A response's head, where Envoy has it.</summary>
internal sealed class EnvoyResponseHeaders(EnvoyLink link) : ResponseHeaders
{
    private HeaderAccess _fields = new(link, HeaderMapKind.ResponseHeaders);

    public override int Count => _fields.Count;

    public override HeaderField this[int index] => _fields.At(index);

    public override int Status
    {
        get
        {
            var text = _fields.GetPseudo(":status"u8);
            // Every response is asked, and has three digits.
            return text.Length == 3 && (uint)(text[0] - '0') <= 9 && (uint)(text[1] - '0') <= 9 && (uint)(text[2] - '0') <= 9
                ? ((text[0] - '0') * 100) + ((text[1] - '0') * 10) + text[2] - '0'
                : Utf8Parser.TryParse(text, out int status, out _) ? status : 0;
        }

        set
        {
            if (value is < 200 or > 599)
            {
                throw new ArgumentOutOfRangeException(nameof(value), value, "a response's status is 200–599");
            }

            if (Status == 101)
            {
                throw new ArgumentOutOfRangeException(nameof(value), value, "an upgrade cannot be taken back");
            }

            Span<byte> digits = stackalloc byte[3];
            _ = Utf8Formatter.TryFormat(value, digits, out _);
            _fields.Write(":status"u8, digits);
            StatusChanged = true;
        }
    }

    /// <summary>Has this filter changed the status?</summary>
    internal bool StatusChanged { get; private set; }

    /// <summary>Has a response begun?</summary>
    internal bool IsThere => !_fields.GetPseudo(":status"u8).IsEmpty;

    public override bool TryGetValue(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value) => _fields.TryGetValue(name, out value);

    public override void Set(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => _fields.Set(name, value);

    public override void Append(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => _fields.Append(name, value);

    public override bool Remove(ReadOnlySpan<byte> name) => _fields.Remove(name);

    /// <inheritdoc cref="HeaderAccess.LengthIsGiven"/>
    internal bool LengthIsGiven => _fields.LengthIsGiven;

    /// <summary>Makes ready for another stream.</summary>
    internal void Reset()
    {
        StatusChanged = false;
        _fields.LengthIsGiven = false;
    }
}
