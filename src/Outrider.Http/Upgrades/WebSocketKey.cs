using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Outrider.Http.Headers;

namespace Outrider.Http.Upgrades;

/// <summary>
/// What HTTP/1's WebSocket handshake has and HTTP/2's has not (RFC 6455 §4.1, RFC 8441 §5): a key, and the proof that the server has seen it.
/// Between the two the proxy is the one that asks or answers. Any thread.
/// </summary>
internal static class WebSocketKey
{
    /// <summary>The length of a proof.</summary>
    internal const int AnswerLength = 28;

    private const int KeyBytes = 16;
    private const int KeyLength = 24;
    private const int LongestKey = 64;

    private static ReadOnlySpan<byte> KeyField => "sec-websocket-key"u8;

    private static ReadOnlySpan<byte> AnswerField => "sec-websocket-accept"u8;

    /// <summary>Is this WebSocket, which wants a key?</summary>
    internal static bool IsWanted(ReadOnlySpan<byte> protocol) => Ascii.EqualsIgnoreCase(protocol, "websocket"u8);

    /// <summary>Adds a key of random bytes to a request that has none.</summary>
    internal static void AddTo(HeaderBlock request)
    {
        if (request.IndexOf(KeyField) >= 0)
        {
            return;
        }

        Span<byte> random = stackalloc byte[KeyBytes];
        Span<byte> text = stackalloc byte[KeyLength];
        RandomNumberGenerator.Fill(random);
        _ = Base64.EncodeToUtf8(random, text, out _, out int length);
        request.Add(KeyField, text[..length]);
    }

    /// <summary>Adds the proof to the answer to a request that has a key.</summary>
    internal static void Answer(HeaderBlock request, HeaderBlock response)
    {
        Span<byte> answer = stackalloc byte[AnswerLength];
        if (response.IndexOf(AnswerField) < 0 && TryAnswer(request, answer))
        {
            response.Add(AnswerField, answer);
        }
    }

    /// <summary>Takes the proof out of an answer.</summary>
    internal static void RemoveAnswer(HeaderBlock response) => _ = response.Remove(AnswerField);

    /// <summary>Has the answer the proof that the request's key wants? Also where the request has none.</summary>
    internal static bool IsAnswered(HeaderBlock request, HeaderBlock response)
    {
        Span<byte> wanted = stackalloc byte[AnswerLength];
        return !TryAnswer(request, wanted) || (response.IndexOf(AnswerField) is >= 0 and var at && response.ValueAt(at).SequenceEqual(wanted));
    }

    // RFC 6455 §4.2.2.
    private static bool TryAnswer(HeaderBlock request, Span<byte> answer)
    {
        int at = request.IndexOf(KeyField);
        if (at < 0 || request.ValueAt(at).Length > LongestKey)
        {
            return false;
        }

        var guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"u8;
        var key = request.ValueAt(at);
        Span<byte> text = stackalloc byte[LongestKey + guid.Length];
        key.CopyTo(text);
        guid.CopyTo(text[key.Length..]);
        Span<byte> hash = stackalloc byte[SHA1.HashSizeInBytes];
#pragma warning disable CA5350 // RFC 6455 wants SHA-1, and nothing is kept safe by it.
        _ = SHA1.HashData(text[..(key.Length + guid.Length)], hash);
#pragma warning restore CA5350
        return Base64.EncodeToUtf8(hash, answer, out _, out _) == System.Buffers.OperationStatus.Done;
    }
}
