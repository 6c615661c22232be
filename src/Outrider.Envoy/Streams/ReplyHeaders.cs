using System.Text;
using Outrider.Envoy.Headers;
using Outrider.Filters;

namespace Outrider.Envoy.Streams;

/// <summary>The head of the filter's own answer, before Envoy has it: what the filter's response side sees of it.</summary>
internal sealed class ReplyHeaders : ResponseHeaders
{
    private readonly List<(byte[] Name, byte[] Value)> _fields = [];
    private int _status;

    internal ReplyHeaders(int status, IReadOnlyList<KeyValuePair<string, string>> fields)
    {
        _status = status;
        foreach (var (name, value) in fields)
        {
            _fields.Add((Encoding.Latin1.GetBytes(name), Encoding.Latin1.GetBytes(value)));
        }
    }

    /// <summary>The head of a whole answer, and its body.</summary>
    internal static ReplyHeaders Of(FilterAction answer, BodyHold body)
    {
        var reply = answer.LocalReply;
        var headers = new ReplyHeaders(answer.Status, reply?.Headers ?? []);
        if (reply is not null)
        {
            body.Append(reply.Body.Span);
        }
        else if (!string.IsNullOrEmpty(answer.Text))
        {
            body.Append(Encoding.UTF8.GetBytes(answer.Text));
        }

        if (!body.IsEmpty && ResponseContent.Of(answer.Status, isHead: false).IsAllowed && (reply is null || reply.IsText) && !headers.Contains("content-type"u8))
        {
            headers.Set("content-type"u8, "text/plain; charset=utf-8"u8);
        }

        return headers;
    }

    public override int Count => _fields.Count;

    public override HeaderField this[int index] => new(_fields[index].Name, _fields[index].Value);

    public override int Status
    {
        get => _status;
        set => _status = value is >= 200 and <= 599 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "a response's status is 200–599");
    }

    public override bool TryGetValue(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        int index = IndexOf(name);
        value = index < 0 ? default : _fields[index].Value;
        return index >= 0;
    }

    public override void Set(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        HeaderAccess.ThrowIfForbidden(name, value);
        Remove(name);
        _fields.Add((name.ToArray(), value.ToArray()));
    }

    public override void Append(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        HeaderAccess.ThrowIfForbidden(name, value);
        _fields.Add((name.ToArray(), value.ToArray()));
    }

    public override bool Remove(ReadOnlySpan<byte> name)
    {
        bool any = false;
        for (int index; (index = IndexOf(name)) >= 0; any = true)
        {
            _fields.RemoveAt(index);
        }

        return any;
    }

    private int IndexOf(ReadOnlySpan<byte> name)
    {
        for (int i = 0; i < _fields.Count; i++)
        {
            if (HeaderAccess.Is(name, _fields[i].Name))
            {
                return i;
            }
        }

        return -1;
    }
}
