namespace Outrider.Plugins.Protocol;

/// <summary>The environment variables by which a proxy tells a plugin what it wants. Names are go-plugin's and MOSN's.</summary>
public static class PluginEnvironment
{
    /// <summary>Says that the process was started as a plugin: <see cref="CookieValue"/>.</summary>
    public const string Cookie = "MOSN_PLUGIN";

    /// <summary>What <see cref="Cookie"/> is set to.</summary>
    public const string CookieValue = "ON";

    /// <summary>How many processors a plugin may keep busy.</summary>
    public const string Processors = "MOSN_PROCS";

    /// <summary>The folder for the plugin's own logs, ending with a slash; may be empty.</summary>
    public const string LogFolder = "MOSN_LOGBASE";

    /// <summary>The versions of the protocol that the proxy speaks, separated by commas.</summary>
    public const string Versions = "PLUGIN_PROTOCOL_VERSIONS";

    /// <summary>The lowest TCP port that a plugin may take.</summary>
    public const string MinPort = "PLUGIN_MIN_PORT";

    /// <summary>The highest TCP port that a plugin may take.</summary>
    public const string MaxPort = "PLUGIN_MAX_PORT";

    /// <summary>The folder for Unix sockets.</summary>
    public const string SocketFolder = "PLUGIN_UNIX_SOCKET_DIR";

    /// <summary>The certificate of a proxy that insists on TLS.</summary>
    public const string ClientCertificate = "PLUGIN_CLIENT_CERT";
}
