namespace Outrider.Plugins.Modules.Metadata;

/// <summary>A <c>google.protobuf.Any</c>: a message that only who knows its type can read. Its bytes are pinned.</summary>
internal sealed record TypedMetadata(byte[] TypeUrl, byte[] Value)
{
    /// <summary>Reads one.</summary>
    /// <exception cref="FormatException">The bytes are no such message.</exception>
    internal static TypedMetadata Read(ReadOnlySpan<byte> message)
    {
        ReadOnlySpan<byte> type = default, value = default;
        var reader = new ProtobufReader(message);
        while (reader.Read())
        {
            if (reader.Field == 1)
            {
                type = reader.Bytes;
            }
            else if (reader.Field == 2)
            {
                value = reader.Bytes;
            }
        }

        return new TypedMetadata(ModuleStreamState.Keep(type), ModuleStreamState.Keep(value));
    }
}
