using System.Text;

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

    /// <summary>The <c>WWW-Authenticate</c> header of a 401.</summary>
    public string? Challenge { get; init; }

    /// <summary>An answer in text.</summary>
    public static AdminResponse Text(string text, int status = 200) => new(status, PlainText, Encoding.UTF8.GetBytes(text));

    /// <summary>An answer in JSON.</summary>
    public static AdminResponse Json(ReadOnlyMemory<byte> json, int status = 200) => new(status, JsonText, json);

    /// <summary>A failure in the form that MOSN gives it.</summary>
    /// <param name="status">The status.</param>
    /// <param name="message">A text that needs no escaping in JSON.</param>
    public static AdminResponse Error(int status, string message) => Text($"{{\n\t\"error\": \"{message}\"\n}}\n", status);
}
