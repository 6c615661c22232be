using System.CommandLine;
using System.CommandLine.Invocation;

namespace Outrider.Commands;

/// <summary>Says the version: <c>outrider version</c> and <c>outrider --version</c> alike.</summary>
internal sealed class VersionAction : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult) => Write();

    internal static int Write()
    {
        Console.WriteLine("outrider version: " + ProductVersion.Text);
        return 0;
    }
}
