using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Outrider.Proxy.Admin;

/// <summary>One answer of the admin API. Immutable.</summary>
/// <param name="Status">The status.</param>
/// <param name="ContentType">The media type of the body.</param>
/// <param name="Body">The body.</param>
internal sealed record AdminResponse(int Status, string ContentType, ReadOnlyMemory<byte> Body)
{
    /// <summary>The media type of text.</summary>
    public const string PlainText = "text/plain; charset=utf-8";

    /// <summary>The media type of JSON.</summary>
    public const string JsonText = "application/json";

    /// <summary>The <c>Allow</c> header of a 405.</summary>
    public string? Allow { get; init; }

    /// <summary>The name that a browser or <c>curl -OJ</c> keeps the body under; null where it is to be looked at.</summary>
    public string? FileName { get; init; }

    /// <summary>The <c>WWW-Authenticate</c> header of a 401.</summary>
    public string? Challenge { get; init; }

    /// <summary>An answer in text.</summary>
    public static AdminResponse Text(string text, int status = 200) => new(status, PlainText, Encoding.UTF8.GetBytes(text));

    /// <summary>An answer in JSON that is written already.</summary>
    public static AdminResponse Json(ReadOnlyMemory<byte> json, int status = 200) => new(status, JsonText, json);

    /// <summary>An answer in JSON.</summary>
    /// <param name="write">Writes it, at once.</param>
    /// <param name="status">The status.</param>
    /// <param name="indent">What each level stands further in by, one character: for people; empty for one line.</param>
    public static AdminResponse Json(Action<Utf8JsonWriter> write, int status = 200, string indent = " ")
    {
        var json = new ArrayBufferWriter<byte>();
        var options = new JsonWriterOptions
        {
            // For people and jq; nothing of it ends up in a page of HTML.
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            Indented = indent.Length > 0,
            IndentCharacter = indent.Length > 0 ? indent[0] : ' ',
            IndentSize = indent.Length,
        };
        using (var writer = new Utf8JsonWriter(json, options))
        {
            write(writer);
        }

        return new(status, JsonText, json.WrittenMemory);
    }

    /// <summary>A failure in the form that MOSN gives it.</summary>
    /// <param name="status">The status.</param>
    /// <param name="message">A text that needs no escaping in JSON.</param>
    public static AdminResponse Error(int status, string message) => Text($"{{\n\t\"error\": \"{message}\"\n}}\n", status);
}
