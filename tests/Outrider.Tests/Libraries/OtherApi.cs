using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using System.Text;
using Microsoft.CodeAnalysis;
using Outrider.Filters;

namespace Outrider.Tests.Libraries;

/// <summary>The extension API as it could be in another version: the same file with another version number, and perhaps another name for a method.</summary>
internal static class OtherApi
{
    /// <summary>To compile against.</summary>
    /// <param name="version">The version.</param>
    /// <param name="method">A method's name.</param>
    /// <param name="renamed">The name that it has there, of the same length.</param>
    internal static MetadataReference Of(Version version, string? method = null, string? renamed = null)
    {
        byte[] image = File.ReadAllBytes(typeof(StreamFilter).Assembly.Location);
        using var file = new PEReader(new MemoryStream(image));
        var metadata = file.GetMetadataReader();
        int start = file.PEHeaders.MetadataStartOffset;
        // ECMA-335 II.22.2: four bytes for the hash's kind, then four numbers of two bytes.
        int at = start + metadata.GetTableMetadataOffset(TableIndex.Assembly) + 4;
        foreach (int number in (int[])[version.Major, version.Minor, version.Build, version.Revision])
        {
            BitConverter.TryWriteBytes(image.AsSpan(at), (ushort)number);
            at += 2;
        }

        if (method is not null)
        {
            var name = metadata.MethodDefinitions.Select(handle => metadata.GetMethodDefinition(handle).Name).First(found => metadata.GetString(found) == method);
            Encoding.ASCII.GetBytes(renamed!, image.AsSpan(start + metadata.GetHeapMetadataOffset(HeapIndex.String) + MetadataTokens.GetHeapOffset(name)));
        }

        return MetadataReference.CreateFromImage(image, filePath: "Outrider.Filters");
    }
}
