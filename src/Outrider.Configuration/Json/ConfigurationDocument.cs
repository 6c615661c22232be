using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Outrider.Configuration.Problems;
using Outrider.Filters;

namespace Outrider.Configuration.Json;

/// <summary>A JSON file as a tree whose every node knows where it stands. Strict JSON, as Go's: no comments, no trailing commas.</summary>
internal sealed class ConfigurationDocument
{
    /// <summary>Objects and arrays within each other; System.Text.Json's own default, so a filter can read what we accept.</summary>
    public const int MaxDepth = 64;

    /// <summary>Longest file, in bytes. A configuration of 10 000 routes is about 3 MB.</summary>
    public const int MaxLength = 64 * 1024 * 1024;

    private int[]? _lineStarts;

    private ConfigurationDocument(ReadOnlyMemory<byte> bytes, string filePath, string? folder)
    {
        Folder = folder ?? Path.GetDirectoryName(Path.GetFullPath(filePath)) ?? "/";
        Bytes = bytes;
        FilePath = filePath;
        Root = null!;
    }

    /// <summary>The file, as it was named to the loader.</summary>
    public string FilePath { get; }

    /// <summary>Where relative paths begin: the folder of the file, or what whoever brought the text says.</summary>
    public string Folder { get; }

    /// <summary>The text, UTF-8, without a byte order mark.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>The outermost value.</summary>
    public ConfigurationNode Root { get; private set; }

    /// <summary>Reads and parses a file.</summary>
    /// <exception cref="ConfigurationException">It cannot be read or is not JSON.</exception>
    public static ConfigurationDocument Load(string path)
    {
        byte[] bytes;
        try
        {
            if (!path.Contains('\0', StringComparison.Ordinal) && PlainFile.KindOf(path) is not (FileKind.Plain or FileKind.Missing) and var kind)
            {
                throw Unreadable(path, $"is {PlainFile.Describe(kind)}, not a file", null);
            }

            bytes = PlainFile.Read(path, MaxLength);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw Unreadable(path, "no such file", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw Unreadable(path, "cannot be read: permission denied", e);
        }
        catch (Exception e) when (e is IOException or ArgumentException or NotSupportedException)
        {
            throw Unreadable(path, "cannot be read: " + e.Message.ReplaceLineEndings(" "), e);
        }

        return Parse(bytes, path);
    }

    /// <summary>Parses a text.</summary>
    /// <param name="json">UTF-8. Kept.</param>
    /// <param name="filePath">The file, or the name that problems carry.</param>
    /// <param name="folder">Where relative paths begin; null for the file's folder.</param>
    /// <exception cref="ConfigurationException">It is not JSON.</exception>
    public static ConfigurationDocument Parse(ReadOnlyMemory<byte> json, string filePath, string? folder = null)
    {
        if (json.Length > MaxLength)
        {
            throw TooLong(filePath, json.Length);
        }

        ReadOnlySpan<byte> mark = Encoding.UTF8.Preamble;
        var document = new ConfigurationDocument(json.Span.StartsWith(mark) ? json[mark.Length..] : json, filePath, folder);
        document.Root = document.Parse();
        return document;
    }

    /// <summary>Line and column, both from 1, of a byte. A column is a character (a Unicode scalar value), as editors count.</summary>
    public (int Line, int Column) PositionOf(int offset)
    {
        _lineStarts ??= FindLines(Bytes.Span);
        int line = Array.BinarySearch(_lineStarts, offset);
        line = line < 0 ? ~line - 1 : line;
        int column = 1;
        foreach (byte b in Bytes.Span[_lineStarts[line]..offset])
        {
            // A continuation byte (10xxxxxx) belongs to the character before it.
            column += (b & 0xC0) == 0x80 ? 0 : 1;
        }

        return (line + 1, column);
    }

    /// <summary>A problem at a byte of this file.</summary>
    public ConfigurationProblem ProblemAt(int offset, string jsonPath, string message)
    {
        (int line, int column) = PositionOf(offset);
        return new ConfigurationProblem(FilePath, jsonPath, line, column, message);
    }

    private ConfigurationNode Parse()
    {
        ReadOnlySpan<byte> bytes = Bytes.Span;
        int offset = 0;
        if (!Utf8.IsValid(bytes))
        {
            throw Syntax(FirstInvalid(bytes), "this byte is not UTF-8", null);
        }

        var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = MaxDepth });
        try
        {
            reader.Read();
            ConfigurationNode root = ConfigurationParser.Read(this, ref reader);
            reader.Read(); // Reports whatever follows the value.
            return root;
        }
        catch (JsonException e)
        {
            _lineStarts ??= FindLines(bytes);
            int line = (int)Math.Clamp(e.LineNumber ?? 0, 0, _lineStarts.Length - 1);
            offset = Math.Min(_lineStarts[line] + (int)(e.BytePositionInLine ?? 0), bytes.Length);
            throw Syntax(offset, "not valid JSON: " + Shorten(e.Message), e);
        }
        catch (InvalidOperationException e)
        {
            // A string that escapes half a surrogate pair: valid JSON by the grammar, text by no encoding.
            throw Syntax((int)reader.TokenStartIndex, "this string escapes half of a surrogate pair", e);
        }
    }

    private ConfigurationException Syntax(int offset, string message, Exception? cause) => new(ProblemAt(offset, "", message), cause);

    private static ConfigurationException Unreadable(string path, string message, Exception? cause)
        => new(new ConfigurationProblem(string.IsNullOrEmpty(path) ? "configuration" : path, "", 0, 0, message), cause);

    private static ConfigurationException TooLong(string path, long length)
        => Unreadable(path, $"is {length} bytes long; a configuration may have {MaxLength}", null);

    // System.Text.Json appends " LineNumber: 0 | …" counted from 0; the position is reported properly in front.
    private static string Shorten(string message)
    {
        int tail = message.IndexOf(" LineNumber: ", StringComparison.Ordinal);
        return tail < 0 ? message : message[..tail];
    }

    private static int FirstInvalid(ReadOnlySpan<byte> bytes)
    {
        int offset = 0;
        while (Rune.DecodeFromUtf8(bytes[offset..], out _, out int length) == System.Buffers.OperationStatus.Done)
        {
            offset += length;
        }

        return offset;
    }

    private static int[] FindLines(ReadOnlySpan<byte> bytes)
    {
        List<int> starts = [0];
        for (int i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] == '\n')
            {
                starts.Add(i + 1);
            }
        }

        return [.. starts];
    }
}
