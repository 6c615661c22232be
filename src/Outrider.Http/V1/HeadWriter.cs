using System.Buffers.Text;
using Outrider.Http.Headers;
using Outrider.Net.Transports;

namespace Outrider.Http.V1;

/// <summary>Writes a head straight into a connection's output: no buffer of its own, no copy but the one.</summary>
internal ref struct HeadWriter
{
    private const int Piece = 2048;

    // Of 64 bits, with a sign.
    private const int MostDigits = 20;

    private readonly Transport _transport;
    private Span<byte> _span;
    private int _used;

    internal HeadWriter(Transport transport)
    {
        _transport = transport;
        _span = transport.GetSpan(Piece);
    }

    internal void Write(scoped ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > _span.Length - _used && !MakeRoom(bytes.Length))
        {
            _transport.Write(bytes);
            _span = _transport.GetSpan(Piece);
            return;
        }

        bytes.CopyTo(_span[_used..]);
        _used += bytes.Length;
    }

    /// <summary>A response's first line; without a reason, the status's usual one.</summary>
    internal void WriteStatusLine(int status, scoped ReadOnlySpan<byte> reason)
    {
        if (status == 200 && reason is [(byte)'O', (byte)'K'])
        {
            Write("HTTP/1.1 200 OK\r\n"u8);
            return;
        }

        Write("HTTP/1.1 "u8);
        WriteNumber(status);
        Write(" "u8);
        Write(reason.IsEmpty ? StatusReasons.For(status) : reason);
        Write("\r\n"u8);
    }

    internal void WriteField(scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> value)
    {
        int length = FieldLine.LengthOf(name, value);
        if (length > _span.Length - _used && !MakeRoom(length))
        {
            Write(name);
            Write(": "u8);
            Write(value);
            Write("\r\n"u8);
            return;
        }

        FieldLine.Write(_span[_used..], name, value);
        _used += length;
    }

    internal void WriteNumber(long number)
    {
        if (MostDigits > _span.Length - _used)
        {
            _ = MakeRoom(MostDigits);
        }

        if (Utf8Formatter.TryFormat(number, _span[_used..], out int count))
        {
            _used += count;
        }
    }

    /// <summary>All of a block's fields but <c>Content-Length</c>, which is written from the framing.</summary>
    internal void WriteFields(HeaderBlock fields)
    {
        for (int i = 0; i < fields.Count; i++)
        {
            // What passes as it came is one copy.
            var lines = fields.LinesAt(i, out int count);
            if (count > 0)
            {
                Write(lines);
                i += count - 1;
            }
            else if (fields.KnownAt(i) != KnownHeader.ContentLength)
            {
                WriteField(fields.NameAt(i), fields.ValueAt(i));
            }
        }
    }

    internal void WriteContentLength(long length)
    {
        Write("content-length: "u8);
        WriteNumber(length);
        Write("\r\n"u8);
    }

    internal void End()
    {
        _transport.Advance(_used);
        _used = 0;
    }

    private bool MakeRoom(int size)
    {
        _transport.Advance(_used);
        _used = 0;
        if (size > Piece)
        {
            // The span's beginning is written output now.
            _span = default;
            return false;
        }

        _span = _transport.GetSpan(Piece);
        return true;
    }
}
