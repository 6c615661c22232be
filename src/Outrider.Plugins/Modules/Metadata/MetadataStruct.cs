using System.Text;

namespace Outrider.Plugins.Modules.Metadata;

/// <summary>A <c>google.protobuf.Struct</c> as metadata: a <c>double</c>, a <c>bool</c>, a pinned <c>byte[]</c> or a list of such; what modules cannot ask for (nothing, and a struct in a struct) is kept as it is, so that its key shows.</summary>
internal static class MetadataStruct
{
    // What protobuf's own parsers allow.
    private const int MaxDepth = 100;

    /// <summary>What stands for a null.</summary>
    internal static readonly object Null = DBNull.Value;

    /// <summary>Reads a struct's fields.</summary>
    /// <exception cref="FormatException">The bytes are no such message.</exception>
    internal static SortedDictionary<string, object> Read(ReadOnlySpan<byte> message, int depth = 0)
    {
        if (depth > MaxDepth)
        {
            throw new FormatException("no metadata: structs within structs without an end");
        }

        var fields = new SortedDictionary<string, object>(StringComparer.Ordinal);
        var reader = new ProtobufReader(message);
        while (reader.Read())
        {
            if (reader.Field != 1)
            {
                continue;
            }

            // An entry of a map: the key is 1, the value 2, and either may be missing.
            string key = "";
            object value = Null;
            var entry = new ProtobufReader(reader.Bytes);
            while (entry.Read())
            {
                if (entry.Field == 1)
                {
                    key = Encoding.UTF8.GetString(entry.Bytes);
                }
                else if (entry.Field == 2)
                {
                    value = ReadValue(entry.Bytes, depth);
                }
            }

            fields[key] = value;
        }

        return fields;
    }

    private static object ReadValue(ReadOnlySpan<byte> message, int depth)
    {
        object value = Null;
        var reader = new ProtobufReader(message);
        while (reader.Read())
        {
            value = reader.Field switch
            {
                1 => Null,
                2 => BitConverter.UInt64BitsToDouble(reader.Number),
                3 => ModuleStreamState.Keep(reader.Bytes),
                4 => reader.Number != 0,
                5 => Read(reader.Bytes, depth + 1),
                6 => ReadList(reader.Bytes, depth + 1),
                _ => value,
            };
        }

        return value;
    }

    private static List<object> ReadList(ReadOnlySpan<byte> message, int depth)
    {
        if (depth > MaxDepth)
        {
            throw new FormatException("no metadata: lists within lists without an end");
        }

        var list = new List<object>();
        var reader = new ProtobufReader(message);
        while (reader.Read())
        {
            if (reader.Field == 1)
            {
                list.Add(ReadValue(reader.Bytes, depth));
            }
        }

        return list;
    }
}
