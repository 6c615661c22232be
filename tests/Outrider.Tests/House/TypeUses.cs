using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Outrider.Tests.House;

/// <summary>Which types of a built assembly use which others, read from its metadata: signatures, fields, attributes and method bodies.</summary>
internal sealed class TypeUses
{
    private static readonly OpCode?[] s_oneByte = new OpCode?[256];
    private static readonly OpCode?[] s_twoBytes = new OpCode?[256];

    private readonly MetadataReader _reader;
    private readonly PEReader _image;
    private readonly HashSet<(TypeName From, TypeName To)> _uses = [];

    static TypeUses()
    {
        foreach (var field in typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static))
        {
            var code = (OpCode)field.GetValue(null)!;
            int value = code.Value & 0xff;
            (code.Size == 1 ? s_oneByte : s_twoBytes)[value] = code;
        }
    }

    private TypeUses(PEReader image)
    {
        _image = image;
        _reader = image.GetMetadataReader();
        Assembly = _reader.GetString(_reader.GetAssemblyDefinition().Name);
    }

    /// <summary>The assembly's name.</summary>
    internal string Assembly { get; }

    /// <summary>The uses that the assembly has of its own types and of others', each once; nested types count as the outermost one.</summary>
    internal IReadOnlyCollection<(TypeName From, TypeName To)> All => _uses;

    internal static TypeUses Read(string path)
    {
        using var stream = File.OpenRead(path);
        using var image = new PEReader(stream);
        var uses = new TypeUses(image);
        uses.ReadTypes();
        return uses;
    }

    private void ReadTypes()
    {
        foreach (var handle in _reader.TypeDefinitions)
        {
            var type = _reader.GetTypeDefinition(handle);
            var from = NameOf(handle);
            // What the compiler makes for itself belongs to no room.
            if (from.Name.StartsWith('<') || from.Namespace.Length == 0 || !from.Namespace.StartsWith("Outrider", StringComparison.Ordinal))
            {
                continue;
            }

            var found = new Found(this, from);
            found.Add(type.BaseType);
            foreach (var implemented in type.GetInterfaceImplementations())
            {
                found.Add(_reader.GetInterfaceImplementation(implemented).Interface);
            }

            found.AddAttributes(type.GetCustomAttributes());
            found.AddConstraints(type.GetGenericParameters());
            foreach (var field in type.GetFields())
            {
                var definition = _reader.GetFieldDefinition(field);
                _ = definition.DecodeSignature(found, null);
                found.AddAttributes(definition.GetCustomAttributes());
            }

            foreach (var method in type.GetMethods())
            {
                ReadMethod(found, _reader.GetMethodDefinition(method));
            }
        }
    }

    private void ReadMethod(Found found, MethodDefinition method)
    {
        _ = method.DecodeSignature(found, null);
        found.AddAttributes(method.GetCustomAttributes());
        found.AddConstraints(method.GetGenericParameters());
        if (method.RelativeVirtualAddress == 0)
        {
            return;
        }

        var body = _image.GetMethodBody(method.RelativeVirtualAddress);
        if (!body.LocalSignature.IsNil)
        {
            _ = _reader.GetStandaloneSignature(body.LocalSignature).DecodeLocalSignature(found, null);
        }

        foreach (var region in body.ExceptionRegions)
        {
            found.Add(region.CatchType);
        }

        ReadInstructions(found, body.GetILReader());
    }

    private static void ReadInstructions(Found found, BlobReader il)
    {
        while (il.RemainingBytes > 0)
        {
            byte first = il.ReadByte();
            var code = first == 0xfe ? s_twoBytes[il.ReadByte()] : s_oneByte[first];
            switch (code!.Value.OperandType)
            {
                case OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType:
                    found.Add(MetadataTokens.EntityHandle(il.ReadInt32()));
                    break;
                case OperandType.InlineNone:
                    break;
                case OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar:
                    il.Offset += 1;
                    break;
                case OperandType.InlineVar:
                    il.Offset += 2;
                    break;
                case OperandType.InlineI8 or OperandType.InlineR:
                    il.Offset += 8;
                    break;
                case OperandType.InlineSwitch:
                    int targets = il.ReadInt32();
                    il.Offset += 4 * targets;
                    break;
                default:
                    il.Offset += 4;
                    break;
            }
        }
    }

    private TypeName NameOf(TypeDefinitionHandle handle)
    {
        var type = _reader.GetTypeDefinition(handle);
        while (!type.GetDeclaringType().IsNil)
        {
            type = _reader.GetTypeDefinition(type.GetDeclaringType());
        }

        return new(Assembly, _reader.GetString(type.Namespace), _reader.GetString(type.Name));
    }

    private TypeName? NameOf(TypeReferenceHandle handle)
    {
        var type = _reader.GetTypeReference(handle);
        while (type.ResolutionScope.Kind == HandleKind.TypeReference)
        {
            type = _reader.GetTypeReference((TypeReferenceHandle)type.ResolutionScope);
        }

        return type.ResolutionScope.Kind == HandleKind.AssemblyReference
            ? new(_reader.GetString(_reader.GetAssemblyReference((AssemblyReferenceHandle)type.ResolutionScope).Name), _reader.GetString(type.Namespace), _reader.GetString(type.Name))
            : null;
    }

    /// <summary>Collects what one type uses; what decodes a signature sees every type in it.</summary>
    private sealed class Found(TypeUses owner, TypeName from) : ISignatureTypeProvider<bool, object?>
    {
        internal void Add(EntityHandle handle)
        {
            if (handle.IsNil)
            {
                return;
            }

            var reader = owner._reader;
            switch (handle.Kind)
            {
                case HandleKind.TypeDefinition:
                    Add(owner.NameOf((TypeDefinitionHandle)handle));
                    break;
                case HandleKind.TypeReference:
                    Add(owner.NameOf((TypeReferenceHandle)handle));
                    break;
                case HandleKind.TypeSpecification:
                    _ = reader.GetTypeSpecification((TypeSpecificationHandle)handle).DecodeSignature(this, null);
                    break;
                case HandleKind.MethodDefinition:
                    Add(reader.GetMethodDefinition((MethodDefinitionHandle)handle).GetDeclaringType());
                    break;
                case HandleKind.FieldDefinition:
                    Add(reader.GetFieldDefinition((FieldDefinitionHandle)handle).GetDeclaringType());
                    break;
                case HandleKind.MemberReference:
                    Add(reader.GetMemberReference((MemberReferenceHandle)handle).Parent);
                    break;
                case HandleKind.MethodSpecification:
                    var method = reader.GetMethodSpecification((MethodSpecificationHandle)handle);
                    Add(method.Method);
                    _ = method.DecodeSignature(this, null);
                    break;
                default:
                    break;
            }
        }

        internal void AddAttributes(CustomAttributeHandleCollection attributes)
        {
            foreach (var attribute in attributes)
            {
                Add(owner._reader.GetCustomAttribute(attribute).Constructor);
            }
        }

        internal void AddConstraints(GenericParameterHandleCollection parameters)
        {
            foreach (var parameter in parameters)
            {
                foreach (var constraint in owner._reader.GetGenericParameter(parameter).GetConstraints())
                {
                    Add(owner._reader.GetGenericParameterConstraint(constraint).Type);
                }
            }
        }

        public bool GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind)
        {
            Add(owner.NameOf(handle));
            return true;
        }

        public bool GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind)
        {
            Add(owner.NameOf(handle));
            return true;
        }

        public bool GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind)
            => reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);

        public bool GetArrayType(bool elementType, ArrayShape shape) => true;

        public bool GetByReferenceType(bool elementType) => true;

        public bool GetFunctionPointerType(MethodSignature<bool> signature) => true;

        public bool GetGenericInstantiation(bool genericType, System.Collections.Immutable.ImmutableArray<bool> typeArguments) => true;

        public bool GetGenericMethodParameter(object? genericContext, int index) => true;

        public bool GetGenericTypeParameter(object? genericContext, int index) => true;

        public bool GetModifiedType(bool modifier, bool unmodifiedType, bool isRequired) => true;

        public bool GetPinnedType(bool elementType) => true;

        public bool GetPointerType(bool elementType) => true;

        public bool GetPrimitiveType(PrimitiveTypeCode typeCode) => true;

        public bool GetSZArrayType(bool elementType) => true;

        private void Add(TypeName? to)
        {
            if (to is { } name && name != from && name.Namespace.StartsWith("Outrider", StringComparison.Ordinal) && !name.Name.StartsWith('<'))
            {
                _ = owner._uses.Add((from, name));
            }
        }
    }
}
