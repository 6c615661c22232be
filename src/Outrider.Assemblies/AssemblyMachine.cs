using System.Reflection.PortableExecutable;
using System.Runtime.InteropServices;

namespace Outrider.Assemblies;

/// <summary>The kind of machine that an assembly was built for. Most are for all.</summary>
internal static class AssemblyMachine
{
    /// <summary>In words, that a file is for another kind of machine than this; null where that is not so, or it is no assembly at all.</summary>
    internal static string? WhyOther(string path)
    {
        try
        {
            using var image = new PEReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
            if (image.PEHeaders is not { CorHeader: { } managed, CoffHeader.Machine: var machine } headers)
            {
                return null;
            }

            // What is for all machines says x86 of itself.
            bool isForAll = machine == Machine.I386 && (managed.Flags & CorFlags.Requires32Bit) == 0 && headers.PEHeader?.Magic == PEMagic.PE32;
            var own = RuntimeInformation.ProcessArchitecture;
            string name = machine switch { Machine.I386 => "x86", Machine.Amd64 => "x86-64", Machine.Arm64 => "arm64", Machine.Arm or Machine.ArmThumb2 => "arm", _ => machine.ToString() };
            return isForAll || (machine, own) is (Machine.Amd64, Architecture.X64) or (Machine.Arm64, Architecture.Arm64) ? null
                : $"it is for another kind of machine ({name}; this process is {own})";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or BadImageFormatException)
        {
            return null;
        }
    }
}
