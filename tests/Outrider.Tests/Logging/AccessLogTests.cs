using System.Globalization;
using System.Text;
using Outrider.Filters;
using Outrider.Proxy.Logging;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Logging;

public sealed class AccessLogTests
{
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
            Assert.Matches("^[A-Z]{2,3}\n$", Line("%response_flags%"));
        }
    }

    [Fact]
    public void A_line_stays_one_line_whatever_a_client_sends()
    {
        _source.Headers["a"] = "x\r\ny\0\u001b[2J\u007fé"u8.ToArray();
        Assert.Equal("x\\x0D\\x0Ay\\x00\\x1B[2J\\x7Fé\n", Line("%request_header_a%"));
    }

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
    public void No_format_is_MOSNs_default()
    {
        Assert.Same(AccessLogFormat.Default, AccessLogFormat.Parse(""));
        AccessLogVariable[] variables = [.. AccessLogFormat.Default.Parts.ToArray().Where(p => p.Text is null).Select(p => p.Variable)];
        Assert.Equal(17, variables.Length);
        Assert.Equal(AccessLogVariable.StartTime, variables[0]);
        Assert.Equal(AccessLogVariable.UpstreamHost, variables[^1]);
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

    [Fact]
    public void Writing_a_line_allocates_nothing()
    {
        using var folder = new TemporaryFolder();
        using var file = new LogFile(folder.File("a.log"));
        AccessLogFormat format = AccessLogFormat.Parse(AccessLogFormat.DefaultText + " %upstream_cluster% %request_header_a% %response_flags%");
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

    private string Line(string format)
    {
        byte[] buffer = new byte[4096];
        var writer = new Utf8Writer(buffer);
        return Encoding.UTF8.GetString(AccessLogWriter.Format(AccessLogFormat.Parse(format), _source, ref writer));
    }
}
