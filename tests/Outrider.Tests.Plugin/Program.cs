using Outrider.Plugins.Sdk;
using Outrider.Tests.Plugin;

// obedient [--tcp] [--slow MILLISECONDS] [--small BYTES] [--fail-unless FILE] [--answer-after MILLISECONDS] [--refuse STATUS TEXT] [--stop-timeout MILLISECONDS]: a plugin that does what each request tells it to.
var options = new PluginServerOptions { UseTcp = args.Contains("--tcp") };
if (Array.IndexOf(args, "--slow") is >= 0 and var slow)
{
    Thread.Sleep(int.Parse(args[slow + 1], System.Globalization.CultureInfo.InvariantCulture));
}

if (Array.IndexOf(args, "--small") is >= 0 and var small)
{
    options = options with { MaxMessageSize = int.Parse(args[small + 1], System.Globalization.CultureInfo.InvariantCulture) };
}

if (Array.IndexOf(args, "--stop-timeout") is >= 0 and var stop)
{
    options = options with { StopTimeout = TimeSpan.FromMilliseconds(int.Parse(args[stop + 1], System.Globalization.CultureInfo.InvariantCulture)) };
}

if (Array.IndexOf(args, "--fail-unless") is >= 0 and var file && !File.Exists(args[file + 1]))
{
    Console.Error.WriteLine("there is no file yet");
    return 7;
}

return await Plugin.ServeAsync(new ObedientService(args), options);
