using System.Net;
using System.Text;
using Outrider.Filters;
using Outrider.Proxy.Logging;
using Outrider.Proxy.Logging.AccessLog;

namespace Outrider.Tests.Logging;

/// <summary>A stream as an access log sees it: what it has is what the test says.</summary>
internal sealed class FakeAccessLogSource : IAccessLogSource
{
    public Dictionary<string, byte[]> Headers { get; } = new(StringComparer.OrdinalIgnoreCase);

    public TimeSpan Duration { get; set; }

    public ResponseFlags Flags { get; set; }

    public string? Cluster { get; set; }

    public bool TryWrite(AccessLogVariable variable, ReadOnlySpan<byte> argument, ref Utf8Writer writer)
    {
        switch (variable)
        {
            case AccessLogVariable.StartTime:
                writer.WriteTime(new DateTime(2026, 1, 2, 3, 4, 5, 67, DateTimeKind.Utc), LogTimeFormat.Access);
                return true;
            case AccessLogVariable.Duration:
                writer.Write(Duration, argument);
                return true;
            case AccessLogVariable.BytesSent:
                writer.Write(1234567L);
                return true;
            case AccessLogVariable.ResponseFlag:
                writer.Write(Flags != ResponseFlags.None);
                return true;
            case AccessLogVariable.ResponseFlags:
                return ResponseFlagText.TryWrite(Flags, ref writer);
            case AccessLogVariable.UpstreamTransportFailureReason:
                writer.WriteHex(0x20);
                return true;
            case AccessLogVariable.UpstreamCluster:
                writer.WriteText(Cluster);
                return Cluster is not null;
            case AccessLogVariable.RequestHeader:
                foreach ((string name, byte[] value) in Headers)
                {
                    if (argument.Length == name.Length && Ascii.EqualsIgnoreCase(argument, name))
                    {
                        writer.Write(value);
                        return true;
                    }
                }

                return false;
            case AccessLogVariable.User:
                writer.Write(argument);
                return true;
            case AccessLogVariable.RouteName:
                // One that changes its mind: what it wrote must not stay.
                writer.Write("half a"u8);
                return false;
            default:
                return false;
        }
    }
}
