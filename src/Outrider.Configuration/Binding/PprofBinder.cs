using System.Net;
using Outrider.Configuration.Model;

namespace Outrider.Configuration.Binding;

/// <summary>Binds <c>pprof</c>.</summary>
internal static class PprofBinder
{
    // As in MOSN.
    private const int DefaultPort = 9090;

    public static PprofConfiguration? Bind(ObjectReader root)
    {
        if (root.Object("pprof") is not { } pprof)
        {
            return null;
        }

        bool isOn = pprof.Flag("debug", false);
        int port = pprof.IntegerOrDefault("port_value", DefaultPort, 1, 65535);
        bool remote = pprof.Flag("allow_remote", false);
        IPAddress address = IPAddress.Any;
        if (pprof.Text("endpoint") is { } text)
        {
            if (EndPointText.ListenAddress(text) is { } parsed)
            {
                address = parsed;
            }
            else
            {
                ObjectReader.Wrong(pprof.Take("endpoint")!, root.Problems, "an IP address");
            }
        }

        pprof.Finish();
        return isOn ? new PprofConfiguration(new IPEndPoint(address, port)) { AllowRemote = remote } : null;
    }
}
