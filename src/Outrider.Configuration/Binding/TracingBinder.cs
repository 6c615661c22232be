namespace Outrider.Configuration.Binding;

/// <summary>Looks at <c>tracing</c>: MOSN's tracers are Go's, so what is there is checked, said and left.</summary>
internal static class TracingBinder
{
    public static void Bind(ObjectReader root)
    {
        if (root.Object("tracing") is not { } tracing)
        {
            return;
        }

        bool isOn = tracing.Flag("enable", false);
        _ = tracing.Text("driver") ?? tracing.Text("tracer");
        _ = tracing.Text("tracer");
        if (tracing.Object("config") is { } config)
        {
            _ = config.Text("sopath");
            Reporter(config.Object("builder"));
            Reporter(config);
        }

        tracing.Finish();
        if (isOn)
        {
            root.Excuse("tracing", "no tracer of MOSN's is here: requests are not traced");
        }
    }

    // SkyWalking's, for its driver or for a driver of a plugin.
    private static void Reporter(ObjectReader? config)
    {
        if (config is null)
        {
            return;
        }

        foreach (string key in (ReadOnlySpan<string>)["reporter", "backend_service", "service_name", "authentication", "log_path"])
        {
            _ = config.Text(key);
        }

        _ = config.Integer("max_send_queue_size", 0, 0, int.MaxValue);
        _ = config.Flag("with_register", true);
        if (config.Object("tls") is { } tls)
        {
            _ = tls.Text("cert_path");
            _ = tls.Text("server_name_override");
            tls.Finish();
        }

        config.Finish();
    }
}
