using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;

namespace Outrider.Commands;

/// <summary>The commands and their options, and which of them runs.</summary>
internal static class CommandLine
{
    // No @response files: a configuration's name may begin with an at sign.
    private static readonly ParserConfiguration s_parser = new() { EnablePosixBundling = false, ResponseFileTokenReplacer = null };

    // Signals are the commands' own (a drain may take long), and what they throw is told in one line (Program).
    private static readonly InvocationConfiguration s_invocation = new() { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false };

    internal static Task<int> RunAsync(string[] args)
    {
        var result = Commands().Parse(args, s_parser);
        if (result.Action is not (HelpAction or VersionAction) && Mistake(result) is { } mistake)
        {
            throw new UsageException(mistake);
        }

        return result.InvokeAsync(s_invocation);
    }

    private static RootCommand Commands()
    {
        var root = new RootCommand("""
            outrider: an extensible network proxy that reads MOSN's configuration

              outrider demo                               an upstream, the proxy with the demo filter, and what to try
              outrider start -c FILE                      runs until SIGTERM or Ctrl-C; SIGHUP reloads, SIGUSR1 reopens logs
              outrider check -c FILE                      says all that is wrong with a configuration: exit code 0 or 1
              outrider schema                             the JSON Schema of configurations, for editors
              outrider echo --listen ADDRESS --name NAME  a tiny upstream for demos and tests
              outrider envoy module --out DIR             the module that runs .dll files inside a stock Envoy
              outrider dev PROJECT                        builds filters, runs them, swaps them on save, shows what they do
              outrider library inspect FILE               what a file with filters is, and what is in it
              outrider nginx build --out DIR              the module that runs filters inside the nginx at hand
              outrider version
              outrider COMMAND --help                     what a command's options mean

            docs: README.md, docs/
            """)
        {
            Demo(),
            Start(),
            Check(),
            SchemaCommand.Describe(),
            Echo(),
            NginxCommand.Describe(),
            EnvoyCommand.Describe(),
            LibraryCommand.Describe(),
            DevCommand.Describe(),
            Version(),
        };
        root.Add(Help(root));
        root.SetAction(_ => root.Parse(["--help"], s_parser).InvokeAsync(s_invocation));
        foreach (var option in root.Options.OfType<VersionOption>().ToList())
        {
            root.Options.Remove(option);
        }

        root.Add(new VersionOption("--version", "-v") { Action = new VersionAction() });
        return root;
    }

    private static Command Demo()
    {
        var http2 = new Option<bool>("--http2") { Description = "Its clients may speak HTTP/2, without TLS and on the same port" };
        var command = new Command("demo", "An upstream, the proxy with the demo filter, and what to try") { http2 };
        command.SetAction((result, _) => DemoCommand.RunAsync(result.GetValue(http2)));
        return command;
    }

    private static Command Start()
    {
        var file = ConfigurationFile();
        var warmUp = new Option<string>("--warm-up")
        {
            Description = "Lets the runtime compile the data path before the ports open, which takes most of a second",
            HelpName = "yes|no",
            DefaultValueFactory = static _ => "yes",
        };
        warmUp.Validators.Add(static result =>
        {
            if (result.Tokens is [{ Value: not ("yes" or "no") }])
            {
                result.AddError("--warm-up is yes or no");
            }
        });
        var command = new Command("start", "Runs the proxy until SIGTERM or Ctrl-C, then drains; SIGHUP reloads the configuration and reopens the logs, SIGUSR1 reopens the logs alone") { file, warmUp };
        command.SetAction((result, _) => StartCommand.RunAsync(result.GetRequiredValue(file), result.GetRequiredValue(warmUp) == "yes"));
        return command;
    }

    private static Command Check()
    {
        var file = ConfigurationFile();
        var strict = new Option<bool>("--strict") { Description = "Warnings are errors, but for those that docs/configuration.md excuses" };
        var json = new Option<bool>("--json") { Description = "Says it as JSON on standard output: file, ok, problems with severity, path, line and column" };
        var command = new Command("check", "Says all that is wrong with a configuration, without listening. Exit code 0: start would take it; 1: it would not") { file, strict, json };
        command.SetAction((result, _) => CheckCommand.RunAsync(result.GetRequiredValue(file), result.GetValue(strict), result.GetValue(json)));
        return command;
    }

    private static Command Echo()
    {
        var listen = new Option<string>("--listen", "-l") { Description = "Where it listens: 127.0.0.1:8080", HelpName = "ADDRESS:PORT", Required = true };
        var name = new Option<string>("--name", "-n") { Description = "What it calls itself in its answers", HelpName = "NAME", DefaultValueFactory = static _ => "echo" };
        var text = new Option<string?>("--text", "-t") { Description = "The first line of its answers, in place of 'hello from NAME'", HelpName = "TEXT" };
        var command = new Command("echo", "A tiny upstream that answers with the request it got; /status/503 with that status, /delay/250 after 250 ms") { listen, name, text };
        command.SetAction((result, _) => EchoCommand.RunAsync(result.GetRequiredValue(listen), result.GetRequiredValue(name), result.GetValue(text)));
        return command;
    }

    private static Command Version()
    {
        var command = new Command("version", "Says the version");
        command.SetAction(_ => VersionAction.Write());
        return command;
    }

    private static Command Help(RootCommand root)
    {
        var about = new Argument<string>("COMMAND") { Description = "Which one to explain", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("help", "Says what there is, or what a command's options mean") { about };
        command.SetAction(result =>
        {
            string[] asked = result.GetValue(about) is { } name
                ? [root.Subcommands.Any(other => other.Name == name) ? name : throw new UsageException($"there is no command '{name}'"), "--help"]
                : ["--help"];
            return root.Parse(asked, s_parser).InvokeAsync(s_invocation);
        });
        return command;
    }

    private static Option<string> ConfigurationFile()
        => new("-c", "--config") { Description = "The configuration, a JSON file in MOSN's format (docs/configuration.md)", HelpName = "FILE", Required = true };

    // One line for the first mistake, in the words of who types: the library's come in several lines, the cause last.
    private static string? Mistake(ParseResult result)
    {
        if (result.UnmatchedTokens is [var first, ..])
        {
            return result.CommandResult.Command is RootCommand ? $"there is no command '{first}'"
                : first.StartsWith('-') ? $"unknown option {first}"
                : $"'{first}' is not an option";
        }

        if (result.CommandResult.Children.OfType<OptionResult>().FirstOrDefault(option => option.IdentifierTokenCount > 1) is { } repeated)
        {
            return $"{repeated.Option.Name} is given more than once";
        }

        return result.Errors is [var error, ..] ? error.Message.ReplaceLineEndings(" ").TrimEnd('.') : null;
    }
}
