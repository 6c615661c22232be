namespace Outrider.Commands;

/// <summary>Finds the command and its options.</summary>
internal static class CommandLine
{
    private const string Help = """
        outrider: an extensible network proxy that reads MOSN's configuration

        usage:
          outrider demo                               an upstream, the proxy with the demo filter, and what to try
          outrider start -c FILE [--warm-up no]       runs until SIGTERM or Ctrl-C; SIGHUP reloads, SIGUSR1 reopens logs
          outrider check -c FILE                      validates a configuration: exit code 0 or 1
          outrider echo --listen ADDRESS --name NAME  a tiny upstream for demos and tests
          outrider version
          outrider help

        docs: README.md, docs/
        """;

    internal static Task<int> RunAsync(string[] args)
    {
        string command = args.Length == 0 ? "help" : args[0];
        var options = new Options(args.Skip(1));
        switch (command)
        {
            case "start":
                string file = options.Required("-c", "--config");
                bool warmUp = options.YesOrNo("--warm-up", otherwise: true);
                options.End();
                return StartCommand.RunAsync(file, warmUp);
            case "check":
                file = options.Required("-c", "--config");
                options.End();
                return CheckCommand.RunAsync(file);
            case "demo":
                options.End();
                return DemoCommand.RunAsync();
            case "echo":
                string address = options.Required("--listen", "-l");
                string name = options.Optional("--name", "-n") ?? "echo";
                options.End();
                return EchoCommand.RunAsync(address, name);
            case "version" or "--version" or "-v":
                Console.WriteLine("outrider version: " + ProductVersion.Text);
                return Task.FromResult(0);
            case "help" or "--help" or "-h":
                Console.WriteLine(Help);
                return Task.FromResult(0);
            default:
                throw new UsageException($"there is no command '{command}'");
        }
    }
}
