using System.Buffers.Binary;
using Outrider.Plugins.Protocol;

namespace Outrider.Plugins.Processes;

/// <summary>Reads the messages of an answer: each has a flag and its length before it.</summary>
internal sealed class GrpcMessageReader(Stream stream, int maxMessageSize)
{
    /// <summary>The flag and the length.</summary>
    internal const int PrefixLength = 5;

    private readonly byte[] _prefix = new byte[PrefixLength];

    /// <summary>The next message; null at the end.</summary>
    /// <exception cref="GrpcCallException">It is too large, compressed, or cut off.</exception>
    internal async ValueTask<byte[]?> ReadAsync(CancellationToken cancellationToken)
    {
        int read = await stream.ReadAtLeastAsync(_prefix, PrefixLength, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        if (read == 0)
        {
            return null;
        }

        if (read < PrefixLength)
        {
            throw new GrpcCallException(GrpcStatus.Internal, "the answer ends within a message");
        }

        if (_prefix[0] != 0)
        {
            throw new GrpcCallException(GrpcStatus.Internal, "the answer is compressed, which was not asked for");
        }

        uint length = BinaryPrimitives.ReadUInt32BigEndian(_prefix.AsSpan(1));
        if (length > maxMessageSize)
        {
            throw new GrpcCallException(GrpcStatus.ResourceExhausted, $"the response has {length} bytes, more than {maxMessageSize}");
        }

        byte[] message = new byte[length];
        read = await stream.ReadAtLeastAsync(message, message.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        return read == message.Length ? message : throw new GrpcCallException(GrpcStatus.Internal, "the answer ends within a message");
    }
}
