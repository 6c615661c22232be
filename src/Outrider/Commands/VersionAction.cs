using System.CommandLine;
using System.CommandLine.Invocation;
using Outrider.Running;

namespace Outrider.Commands;

/// <summary>Says the version: <c>outrider --version</c>, and <c>outrider version</c> where more is said with it (<see cref="UsualForms"/>).</summary>
internal sealed class VersionAction : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult) => Write();

    internal static int Write()
    {
        Console.WriteLine(ProductVersion.Line);
        return 0;
    }
}
