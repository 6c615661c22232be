using System.Buffers.Binary;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;

namespace Outrider.Assemblies.Swapping;

/// <summary>Which methods of an assembly refer to certain members of others, by the bytes of their code.</summary>
internal static unsafe class CodeReferences
{
    private const BindingFlags Own = BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <summary>The members of other assemblies' classes that the assembly refers to, and for which <paramref name="isMeant"/> is true of the name.</summary>
    internal static IReadOnlyList<(MethodBase Method, int Token)> Of(Assembly assembly, Predicate<string> isMeant)
    {
        if (!assembly.TryGetRawMetadata(out byte* start, out int length))
        {
            return [];
        }

        var metadata = new MetadataReader(start, length);
        var found = new List<(MethodBase Method, int Token)>();
        foreach (var handle in metadata.MemberReferences)
        {
            if (isMeant(metadata.GetString(metadata.GetMemberReference(handle).Name)))
            {
                try
                {
                    int token = MetadataTokens.GetToken(handle);
                    if (assembly.ManifestModule.ResolveMember(token, null, null) is MethodBase method)
                    {
                        found.Add((method, token));
                    }
                }
                catch (Exception e) when (e is MissingMemberException or TypeLoadException or IOException or ArgumentException or BadImageFormatException or NotSupportedException)
                {
                    // Of a generic class, or not there.
                }
            }
        }

        return found;
    }

    /// <summary>The methods of the assembly whose code has that token.</summary>
    internal static IEnumerable<MethodBase> Users(Assembly assembly, int token)
    {
        byte[] wanted = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(wanted, token);
        return assembly.GetTypes().SelectMany(static type => type.GetMethods(Own).Concat<MethodBase>(type.GetConstructors(Own)))
            .Where(method => method.GetMethodBody()?.GetILAsByteArray() is { } code && code.AsSpan().IndexOf(wanted) >= 0);
    }
}
