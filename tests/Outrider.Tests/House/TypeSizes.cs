using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text.RegularExpressions;

namespace Outrider.Tests.House;

/// <summary>Measures the types of a built assembly: fields from its metadata, lines from its sources.</summary>
internal sealed partial class TypeSizes
{
    private readonly MetadataReader _reader;
    private readonly string _assembly;
    private readonly Dictionary<TypeName, int> _lines;
    private readonly Dictionary<TypeDefinitionHandle, (int Lines, int Fields)> _known = [];

    private TypeSizes(MetadataReader reader, Dictionary<TypeName, int> lines)
    {
        _reader = reader;
        _lines = lines;
        _assembly = reader.GetString(reader.GetAssemblyDefinition().Name);
    }

    /// <summary>The sizes of all outermost types. <paramref name="sources"/> are the assembly's files, each named like its type (<c>Name.cs</c>, <c>Name.Part.cs</c>).</summary>
    internal static IReadOnlyList<TypeSize> Read(string path, IEnumerable<string> sources)
    {
        using var stream = File.OpenRead(path);
        using var image = new PEReader(stream);
        var reader = image.GetMetadataReader();
        string assembly = reader.GetString(reader.GetAssemblyDefinition().Name);
        var sizes = new TypeSizes(reader, CountLines(assembly, sources));
        return
        [
            .. reader.TypeDefinitions
                .Where(handle => reader.GetTypeDefinition(handle).GetDeclaringType().IsNil && !sizes.IsMadeByCompiler(handle))
                .Select(handle => (Name: sizes.NameOf(handle), Size: sizes.SizeOf(handle)))
                .Select(type => new TypeSize(type.Name, type.Size.Lines, type.Size.Fields)),
        ];
    }

    private static Dictionary<TypeName, int> CountLines(string assembly, IEnumerable<string> sources)
    {
        var lines = new Dictionary<TypeName, int>();
        foreach (string path in sources)
        {
            string text = File.ReadAllText(path);
            var declared = NamespaceLine().Match(text);
            string name = Path.GetFileName(path).Split('.')[0];
            var key = new TypeName(assembly, declared.Groups[1].Value, name);
            lines[key] = lines.GetValueOrDefault(key) + text.Count(c => c == '\n');
        }

        return lines;
    }

    private (int Lines, int Fields) SizeOf(TypeDefinitionHandle handle)
    {
        if (_known.TryGetValue(handle, out var known))
        {
            return known;
        }

        var type = _reader.GetTypeDefinition(handle);
        int lines = _lines.GetValueOrDefault(NameOf(handle));
        int fields = FieldsOf(handle);
        if (BaseOf(type) is { } parent)
        {
            var inherited = SizeOf(parent);
            lines += inherited.Lines;
            fields += inherited.Fields;
        }

        return _known[handle] = (lines, fields);
    }

    // A constant is no state; what the compiler makes for lambdas and iterators is no field that anybody wrote.
    private int FieldsOf(TypeDefinitionHandle handle)
    {
        var type = _reader.GetTypeDefinition(handle);
        if (IsJsonContext(type))
        {
            // A list of attributes; the fields are all of System.Text.Json's generator.
            return 0;
        }

        int fields = type.GetFields()
            .Select(_reader.GetFieldDefinition)
            .Count(field => (field.Attributes & (FieldAttributes.Literal | FieldAttributes.SpecialName)) == 0);
        return fields + type.GetNestedTypes().Where(nested => !IsMadeByCompiler(nested)).Sum(FieldsOf);
    }

    private TypeDefinitionHandle? BaseOf(TypeDefinition type)
    {
        var parent = type.BaseType;
        if (parent.Kind == HandleKind.TypeSpecification)
        {
            // A generic base: class or value type, and the generic type's token (ECMA-335 II.23.2.14).
            var signature = _reader.GetBlobReader(_reader.GetTypeSpecification((TypeSpecificationHandle)parent).Signature);
            _ = signature.ReadSignatureTypeCode();
            _ = signature.ReadCompressedInteger();
            parent = signature.ReadTypeHandle();
        }

        return parent is { IsNil: false, Kind: HandleKind.TypeDefinition } ? (TypeDefinitionHandle)parent : null;
    }

    private bool IsJsonContext(TypeDefinition type) => type.BaseType is { IsNil: false, Kind: HandleKind.TypeReference } parent
        && _reader.StringComparer.Equals(_reader.GetTypeReference((TypeReferenceHandle)parent).Name, "JsonSerializerContext");

    private bool IsMadeByCompiler(TypeDefinitionHandle handle) => _reader.GetString(_reader.GetTypeDefinition(handle).Name).StartsWith('<');

    private TypeName NameOf(TypeDefinitionHandle handle)
    {
        var type = _reader.GetTypeDefinition(handle);
        return new(_assembly, _reader.GetString(type.Namespace), _reader.GetString(type.Name).Split('`')[0]);
    }

    [GeneratedRegex(@"^namespace ([\w.]+)", RegexOptions.Multiline)]
    private static partial Regex NamespaceLine();
}
