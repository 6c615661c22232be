using System.Globalization;
using System.Text;
using System.Text.Json;
using Outrider.Filters;
using Outrider.Proxy.Logging;
using Outrider.Proxy.Logging.AccessLog;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Logging;

public sealed class AccessLogTests
{
    private static readonly JsonSerializerOptions s_readable = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly FakeAccessLogSource _source = new();

    [Fact]
    public void Text_and_variables_make_a_line()
    {
        _source.Cluster = "grün";
        _source.Headers["user-agent"] = "curl"u8.ToArray();
        Assert.Equal("c=grün ua=\"curl\" 1234567!\n", Line("c=%upstream_cluster% ua=\"%request_header_User-Agent%\" %bytes_sent%!"));
    }

    [Fact]
    public void What_is_missing_is_a_dash()
        => Assert.Equal("- - - - -\n", Line("%upstream_cluster% %request_header_nope% %route_name% %response_flags% %x-mosn-rpc-method%"));

    [Fact]
    public void The_start_is_written_in_local_time_as_in_MOSN()
    {
        DateTime local = new DateTime(2026, 1, 2, 3, 4, 5, 67, DateTimeKind.Utc).ToLocalTime();
        Assert.Equal(local.ToString("yyyy/MM/dd HH:mm:ss.fff", CultureInfo.InvariantCulture) + "\n", Line("%start_time%"));
    }

    [Fact]
    public void Flags_are_a_boolean_as_in_MOSN_and_codes()
    {
        _source.Flags = ResponseFlags.UpstreamRequestTimeout | ResponseFlags.FilterError;
        Assert.Equal("true UT,FE 0x20\n", Line("%response_flag% %response_flags% %upstream_transport_failure_reason%"));
    }

    [Fact]
    public void Every_flag_has_a_code()
    {
        foreach (ResponseFlags flag in Enum.GetValues<ResponseFlags>().Where(f => f != ResponseFlags.None))
        {
            _source.Flags = flag;
            Assert.Matches("^[A-Z]{2,4}\n$", Line("%response_flags%"));
        }
    }

    [Fact]
    public void A_line_stays_one_line_whatever_a_client_sends()
    {
        _source.Headers["a"] = "x\r\ny\0\u001b[2J\u007fé"u8.ToArray();
        Assert.Equal("x\\x0D\\x0Ay\\x00\\x1B[2J\\x7Fé\n", Line("%request_header_a%"));
    }

    [Theory]
    [InlineData("a\" b=\"c", "a\\\" b=\\\"c")]
    [InlineData("a\\", "a\\\\")]
    [InlineData("\\x1B", "\\\\x1B")]
    [InlineData("\u009b2J", "\\xC2\\x9B2J")]
    [InlineData("a\u2028b\u2029c", "a\\xE2\\x80\\xA8b\\xE2\\x80\\xA9c")]
    [InlineData("\u202egpj.exe", "\\xE2\\x80\\xAEgpj.exe")]
    [InlineData("\u2066x\ufeff", "\\xE2\\x81\\xA6x\\xEF\\xBB\\xBF")]
    [InlineData("grün 中 😀", "grün 中 😀")]
    public void What_a_client_sends_forges_no_field_and_moves_no_cursor(string value, string shown)
    {
        _source.Headers["a"] = Encoding.UTF8.GetBytes(value);
        _source.Cluster = value;
        Assert.Equal($"\"{shown}\" \"{shown}\"\n", Line("\"%request_header_a%\" \"%upstream_cluster%\""));
    }

    [Fact]
    public void Bytes_that_are_not_UTF_8_are_shown_as_bytes()
    {
        _source.Headers["a"] = [(byte)'x', 0x9B, 0xE9, 0xC2, (byte)'y', 0xF0, 0x9F];
        Assert.Equal("x\\x9B\\xE9\\xC2y\\xF0\\x9F\n", Line("%request_header_a%"));
        Assert.Equal("{\"a\":\"x\\u009B\\u00E9\\u00C2y\\u00F0\\u009F\"}\n", Line("{\"a\":\"%request_header_a%\"}"));
    }

    [Theory]
    [InlineData("a\"b\\c\r\n\u0000\u009b\u2028\u202e\ud834\udd73中😀")]
    [InlineData("\",\"admin\":true,\"x\":\"")]
    public void A_format_that_is_written_as_JSON_stays_JSON(string value)
    {
        _source.Headers["a"] = Encoding.UTF8.GetBytes(value);
        using var line = JsonDocument.Parse(Line("{\"a\": \"%request_header_a%\", \"n\": %bytes_sent%}"));
        Assert.Equal(value, line.RootElement.GetProperty("a").GetString());
        Assert.Equal(2, line.RootElement.EnumerateObject().Count());
    }

    [Fact]
    public void A_JSON_object_writes_values_with_their_types()
    {
        _source.Headers["a"] = "x\"y\n"u8.ToArray();
        _source.Duration = TimeSpan.FromTicks(12_345);
        _source.Flags = ResponseFlags.NoRouteFound;
        string line = JsonLine("""
            { "sent": "%bytes_sent%", "failed": "%response_flag%", "us": "%duration_us%", "ms": "%duration_ms%", "go": "%duration%",
              "cluster": "%upstream_cluster%", "tries": "%tries%", "header": "%request_header_a%",
              "text": "a \"%request_header_a%\" %upstream_cluster%", "fixed": [1, true, null, "100\\% \u202e"], "in": { "flags": "%response_flags%" }, "none": {} }
            """);
        using var json = JsonDocument.Parse(line);
        Assert.Equal(1, line.Count(c => c == '\n'));
        Assert.Equal(
            """{"sent":1234567,"failed":true,"us":1234,"ms":1.234,"go":"1.2345ms","cluster":null,"tries":null,"header":"x\"y\n","text":"a \"x\"y\n\" -","fixed":[1,true,null,"100\\% \u202e"],"in":{"flags":"NR"},"none":{}}""",
            JsonSerializer.Serialize(json.RootElement, s_readable).Replace("\u202e", "\\u202e", StringComparison.Ordinal));
    }

    [Fact]
    public void A_JSON_line_that_would_be_too_long_is_still_JSON()
    {
        using var folder = new TemporaryFolder();
        using var file = new LogFile(folder.File("a.log"));
        var writer = new AccessLogWriter(JsonFormat("""{ "a": "%request_header_a%", "b": "x%request_header_a%y", "n": "%bytes_sent%" }"""), file.OpenLane());
        _source.Headers["a"] = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("\"\u202e中", 10_000)));
        writer.Write(_source);
        writer.Close();
        Assert.True(file.Flush(TimeSpan.FromSeconds(30)));

        using var json = JsonDocument.Parse(Assert.Single(File.ReadAllLines(file.Path)));
        Assert.StartsWith("\"\u202e中\"", json.RootElement.GetProperty("a").GetString(), StringComparison.Ordinal);
        Assert.EndsWith("y", json.RootElement.GetProperty("b").GetString(), StringComparison.Ordinal);
        Assert.Equal(1234567, json.RootElement.GetProperty("n").GetInt32());
    }

    [Theory]
    [InlineData("""{ "a": "%nonsense%" }""", "nonsense")]
    [InlineData("""{ "a": ["%duration"] }""", "position 1")]
    public void A_wrong_JSON_format_is_an_error(string format, string expected)
        => Assert.Contains(expected, Assert.Throws<FormatException>(() => JsonFormat(format)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_line_that_is_too_long_is_cut_and_still_ends()
    {
        _source.Headers["a"] = Enumerable.Repeat((byte)'x', 1000).ToArray();
        byte[] buffer = new byte[100];
        var writer = new Utf8Writer(buffer);
        ReadOnlySpan<byte> line = AccessLogWriter.Format(AccessLogFormat.Parse("%request_header_a% %bytes_sent%"), _source, ref writer);
        Assert.Equal(new string('x', 99) + "\n", Encoding.UTF8.GetString(line));
        Assert.True(writer.IsTruncated);
    }

    [Theory]
    [InlineData("a %% b", "position 3")]
    [InlineData("%duration% %start_time", "position 12")]
    [InlineData("%", "position 1")]
    [InlineData("100% of %duration%", "' of '")]
    [InlineData("a %nonsense%", "'nonsense' (position 3)")]
    [InlineData("%request_header_%", "'request_header_'")]
    [InlineData("%Http1_duration%", "'Http1_duration'")]
    public void A_wrong_format_is_an_error_that_says_where(string format, string expected)
        => Assert.Contains(expected, Assert.Throws<FormatException>(() => AccessLogFormat.Parse(format)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_percent_sign_after_a_backslash_is_text_as_in_MOSN() => Assert.Equal("\\%x 1234567\n", Line("\\%x %bytes_sent%"));

    [Fact]
    public void No_format_is_MOSNs_default_and_what_was_asked_for()
    {
        Assert.Same(AccessLogFormat.Default, AccessLogFormat.Parse(""));
        AccessLogVariable[] variables = [.. AccessLogFormat.Default.Parts.ToArray().Where(p => p.Text is null).Select(p => p.Variable)];
        Assert.Equal(20, variables.Length);
        Assert.Equal(AccessLogVariable.StartTime, variables[0]);
        Assert.Equal([AccessLogVariable.UpstreamHost, AccessLogVariable.Method, AccessLogVariable.Host, AccessLogVariable.Path], variables[^4..]);
    }

    [Theory]
    [InlineData("x-mosn-method", "Method", "")]
    [InlineData("Http1_request_method", "Method", "")]
    [InlineData("authority", "Host", "")]
    [InlineData("Http1_cookie_sid", "Cookie", "sid")]
    [InlineData("request_arg_q", "RequestArgument", "q")]
    [InlineData("request_arg", "QueryString", "")]
    [InlineData("response_header_Server", "ResponseHeader", "Server")]
    public void Names_are_MOSNs(string name, string expected, string expectedArgument)
    {
        Assert.True(AccessLogVariables.TryFind(name, out AccessLogVariable variable, out string argument));
        Assert.Equal((expected, expectedArgument), (variable.ToString(), argument));
    }

    [Fact]
    public void Variables_of_filters_are_taken_when_somebody_vouches_for_them()
    {
        byte[] buffer = new byte[100];
        var writer = new Utf8Writer(buffer);
        AccessLogFormat format = AccessLogFormat.Parse("%tenant%", name => name == "tenant");
        Assert.Equal("tenant\n", Encoding.UTF8.GetString(AccessLogWriter.Format(format, _source, ref writer)));
        Assert.Throws<FormatException>(() => AccessLogFormat.Parse("%other%", name => name == "tenant"));
    }

    // The rules of Go's time.Duration.String, and lines that MOSN 1.6 wrote.
    [Theory]
    [InlineData(0, "0s")]
    [InlineData(1, "100ns")]
    [InlineData(150, "15µs")]
    [InlineData(12_345, "1.2345ms")]
    [InlineData(12_340, "1.234ms")]
    [InlineData(10_000_000, "1s")]
    [InlineData(25_000_000, "2.5s")]
    [InlineData(600_000_000, "1m0s")]
    [InlineData(36_000_000_000, "1h0m0s")]
    [InlineData(37_230_000_001, "1h2m3.0000001s")]
    [InlineData(-15_000, "-1.5ms")]
    public void Durations_read_as_in_Go(long ticks, string expected)
    {
        _source.Duration = TimeSpan.FromTicks(ticks);
        Assert.Equal(expected + "\n", Line("%duration%"));
    }

    [Fact]
    public void The_longest_durations_fit()
    {
        Span<byte> text = stackalloc byte[GoDurationText.MaxLength];
        Assert.StartsWith("2562047h47m16.8", Encoding.UTF8.GetString(text[..GoDurationText.Format(TimeSpan.MaxValue, text)]), StringComparison.Ordinal);
        Assert.StartsWith("-2562047h47m16.8", Encoding.UTF8.GetString(text[..GoDurationText.Format(TimeSpan.MinValue, text)]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Writing_a_line_allocates_nothing(bool isJson)
    {
        using var folder = new TemporaryFolder();
        using var file = new LogFile(folder.File("a.log"));
        AccessLogFormat format = isJson
            ? JsonFormat("""{ "cluster": "%upstream_cluster%", "header": "%request_header_a%", "us": "%duration_us%", "ms": "%duration_ms%", "flags": "x %response_flags%" }""")
            : AccessLogFormat.Parse(AccessLogFormat.DefaultText + " %upstream_cluster% %request_header_a% %response_flags%");
        _source.Headers["a"] = "\"é\u009b\u202e"u8.ToArray();
        var writer = new AccessLogWriter(format, file.OpenLane());
        _source.Cluster = "a cluster";
        _source.Flags = ResponseFlags.NoRouteFound;
        _source.Duration = TimeSpan.FromTicks(12_345);
        int lines = 0;
        Allocation.AssertNone(() =>
        {
            writer.Write(_source);
            lines++;
        });
        writer.Close();
        Assert.True(file.Flush(TimeSpan.FromSeconds(30)));
        Assert.Equal(lines - writer.Dropped, File.ReadAllLines(file.Path).Length);
    }

    private string JsonLine(string format)
    {
        byte[] buffer = new byte[4096];
        var writer = new Utf8Writer(buffer);
        return Encoding.UTF8.GetString(AccessLogWriter.Format(JsonFormat(format), _source, ref writer));
    }

    private static AccessLogFormat JsonFormat(string format)
        => AccessLogJsonFormat.Parse(new Configuration.Sample { Listener = $", \"access_logs\": [ {{ \"log_path\": \"stdout\", \"log_format\": {format} }} ]" }.Configuration().Server.Listeners[0].AccessLogs[0].JsonFormat);

    private string Line(string format)
    {
        byte[] buffer = new byte[4096];
        var writer = new Utf8Writer(buffer);
        return Encoding.UTF8.GetString(AccessLogWriter.Format(AccessLogFormat.Parse(format), _source, ref writer));
    }
}
