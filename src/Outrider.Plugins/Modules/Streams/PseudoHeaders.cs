using System.Buffers.Text;
using Outrider.Filters;
using Outrider.Modules.Abi;
using Outrider.Plugins.Modules.Memory;

namespace Outrider.Plugins.Modules.Streams;

/// <summary>What modules know as headers that begin with a colon (HTTP/2 calls them so, RFC 9113 §8.3), and our maps know by name.</summary>
internal static unsafe class PseudoHeaders
{
    /// <summary>How many there are beside the map's fields.</summary>
    internal static int Count(HeaderMap map) => map switch
    {
        RequestHeaders request => request.Authority.IsEmpty ? 3 : 4,
        ResponseHeaders => 1,
        _ => 0,
    };

    internal static bool TryGet(ModuleFilter filter, HeaderMap map, ReadOnlySpan<byte> name, out EnvoyBuffer value)
    {
        value = default;
        if (name is not [(byte)':', ..])
        {
            return false;
        }

        if (map is RequestHeaders request)
        {
            bool known = true;
            ReadOnlySpan<byte> bytes = default;
            switch (name.Length)
            {
                case 5 when name.SequenceEqual(":path"u8):
                    bytes = request.Path;
                    break;
                case 7 when name.SequenceEqual(":method"u8):
                    bytes = request.Method;
                    break;
                case 7 when name.SequenceEqual(":scheme"u8):
                    bytes = request.Scheme;
                    break;
                case 10 when name.SequenceEqual(":authority"u8):
                    bytes = request.Authority;
                    known = !bytes.IsEmpty;
                    break;
                default:
                    known = false;
                    break;
            }

            value = known ? LentMemory.Lend(bytes) : default;
            return known;
        }

        if (map is ResponseHeaders response && name.SequenceEqual(":status"u8))
        {
            value = Status(filter, response);
            return true;
        }

        return false;
    }

    /// <summary>Stores them; how many they were.</summary>
    internal static int StoreAll(ModuleFilter filter, HeaderMap map, EnvoyHeader* result)
    {
        switch (map)
        {
            case RequestHeaders request:
                Store(result, ":method"u8, LentMemory.Lend(request.Method));
                Store(result + 1, ":path"u8, LentMemory.Lend(request.Path));
                Store(result + 2, ":scheme"u8, LentMemory.Lend(request.Scheme));
                if (!request.Authority.IsEmpty)
                {
                    Store(result + 3, ":authority"u8, LentMemory.Lend(request.Authority));
                }

                break;
            case ResponseHeaders response:
                Store(result, ":status"u8, Status(filter, response));
                break;
            default:
                break;
        }

        return Count(map);
    }

    /// <exception cref="ArgumentException">The value cannot be.</exception>
    internal static bool TrySet(HeaderMap map, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        switch (map)
        {
            case RequestHeaders request when name.SequenceEqual(":path"u8):
                request.Path = value;
                return true;
            case RequestHeaders request when name.SequenceEqual(":method"u8):
                request.Method = value;
                return true;
            case RequestHeaders request when name.SequenceEqual(":authority"u8):
                request.Authority = value;
                return true;
            case ResponseHeaders response when name.SequenceEqual(":status"u8) && Utf8Parser.TryParse(value, out int status, out int used) && used == value.Length:
                response.Status = status;
                return true;
            default:
                return false;
        }
    }

    private static void Store(EnvoyHeader* header, ReadOnlySpan<byte> name, EnvoyBuffer value)
    {
        var bytes = LentMemory.Lend(name);
        *header = new EnvoyHeader { Name = bytes.Data, NameLength = bytes.Length, Value = value.Data, ValueLength = value.Length };
    }

    private static EnvoyBuffer Status(ModuleFilter filter, ResponseHeaders response)
    {
        var digits = filter.Lent.Rent(3);
        _ = Utf8Formatter.TryFormat(response.Status, digits, out int written);
        return LentMemory.Lend(digits[..written]);
    }
}
