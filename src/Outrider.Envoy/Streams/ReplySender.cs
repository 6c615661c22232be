using System.Buffers.Text;
using System.Text;
using Outrider.Envoy.Callbacks;
using Outrider.Envoy.Headers;
using Outrider.Filters;
using Outrider.Modules.Abi;

namespace Outrider.Envoy.Streams;

/// <summary>Puts replies into the form that Envoy takes them in.</summary>
internal static class ReplySender
{
    internal static ReadOnlySpan<byte> DefaultDetails => "outrider_filter_reply"u8;

    /// <summary>A local reply with text as its body.</summary>
    internal static void Send(nint filter, int status, string? text, ReadOnlySpan<byte> details)
    {
        Span<byte> scratch = stackalloc byte[512];
        Send(filter, status, default, ToBytes(text, scratch), details.IsEmpty ? DefaultDetails : details);
    }

    /// <summary>A local reply as a filter answered it.</summary>
    internal static void Send(nint filter, FilterAction action)
    {
        if (action.LocalReply is not { } reply)
        {
            Send(filter, action.Status, action.Text, default);
            return;
        }

        var details = reply.Details is null ? DefaultDetails : Encoding.UTF8.GetBytes(reply.Details);
        using var fields = new ModuleHeaders(reply.Headers);
        Send(filter, reply.Status, fields.Span, reply.Body.Span, details);
    }

    /// <summary>A whole answer. Envoy leaves the body out where the client asked with HEAD, but not where the status has none.</summary>
    internal static void Send(nint filter, int status, ReadOnlySpan<ModuleHeader> fields, ReadOnlySpan<byte> body, ReadOnlySpan<byte> details)
        => StreamCallbacks.Reply(filter, status, fields, ResponseContent.Of(status, isHead: false).IsAllowed ? body : default, details);

    /// <summary>A whole answer that the filter's response side has seen.</summary>
    internal static void Send(nint filter, ReplyHeaders headers, ReadOnlySpan<byte> body, string? details)
    {
        using var fields = new ModuleHeaders([]);
        foreach (var field in headers)
        {
            // Envoy writes the length of what it is given.
            if (!HeaderAccess.Is(field.Name, "content-length"u8))
            {
                fields.Add(field.Name, field.Value);
            }
        }

        Send(filter, headers.Status, fields.Span, body, details is null ? DefaultDetails : Encoding.UTF8.GetBytes(details));
    }

    /// <summary>The head of a response whose body the filter writes itself. The stream may have ended when this returns.</summary>
    internal static void SendHead(nint filter, ReplyHeaders headers, bool endStream)
    {
        using var fields = new ModuleHeaders([]);
        foreach (var field in headers)
        {
            fields.Add(field.Name, field.Value);
        }

        Span<byte> digits = stackalloc byte[12];
        _ = Utf8Formatter.TryFormat(headers.Status, digits, out int length);
        fields.Add(":status"u8, digits[..length]);
        StreamCallbacks.SendHeaders(filter, fields.Span, endStream);
    }

    private static ReadOnlySpan<byte> ToBytes(string? text, Span<byte> scratch)
        => string.IsNullOrEmpty(text) ? default : Encoding.UTF8.TryGetBytes(text, scratch, out int written) ? scratch[..written] : Encoding.UTF8.GetBytes(text);
}
