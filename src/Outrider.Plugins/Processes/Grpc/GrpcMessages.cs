using System.Buffers;
using System.Buffers.Binary;
using Outrider.Plugins.Protocol;

namespace Outrider.Plugins.Processes.Grpc;

/// <summary>Puts the messages of an answer together: each has a flag and its length before it.</summary>
internal sealed class GrpcMessages
{
    /// <summary>The flag and the length.</summary>
    internal const int PrefixLength = 5;

    private readonly byte[] _prefix = new byte[PrefixLength];
    private int _prefixUsed;
    private byte[]? _message;
    private int _length;
    private int _used;

    /// <summary>Is a message, or its beginning, still to come?</summary>
    internal bool IsWithin => _prefixUsed > 0;

    /// <summary>Takes what arrived, up to the end of a message; true when one is complete.</summary>
    /// <exception cref="GrpcCallException">It is too large, or compressed.</exception>
    internal bool Read(ref ReadOnlySpan<byte> data, int maxMessageSize)
    {
        if (_message is null)
        {
            int count = Math.Min(PrefixLength - _prefixUsed, data.Length);
            data[..count].CopyTo(_prefix.AsSpan(_prefixUsed));
            data = data[count..];
            _prefixUsed += count;
            if (_prefixUsed < PrefixLength)
            {
                return false;
            }

            Begin(maxMessageSize);
        }

        int more = Math.Min(_length - _used, data.Length);
        data[..more].CopyTo(_message.AsSpan(_used));
        data = data[more..];
        _used += more;
        return _used == _length;
    }

    /// <summary>The message that is complete, in memory from the shared pool that is the caller's from here on.</summary>
    internal (byte[] Bytes, int Length) Detach()
    {
        byte[] message = _message!;
        _message = null;
        _prefixUsed = 0;
        return (message, _length);
    }

    /// <summary>Forgets what there is.</summary>
    internal void Clear()
    {
        _prefixUsed = 0;
        if (_message is not null)
        {
            ArrayPool<byte>.Shared.Return(_message);
            _message = null;
        }
    }

    private void Begin(int maxMessageSize)
    {
        if (_prefix[0] != 0)
        {
            throw new GrpcCallException(GrpcStatus.Internal, "the answer is compressed, which was not asked for");
        }

        uint length = BinaryPrimitives.ReadUInt32BigEndian(_prefix.AsSpan(1));
        if (length > maxMessageSize)
        {
            throw new GrpcCallException(GrpcStatus.ResourceExhausted, $"the response has {length} bytes, more than {maxMessageSize}");
        }

        _length = (int)length;
        _used = 0;
        _message = ArrayPool<byte>.Shared.Rent(_length);
    }
}
