using System.Text;
using Grpc.Core;

namespace Outrider.Tests.Grpc;

/// <summary>Methods whose messages are bytes, so that no description of a service is needed.</summary>
internal static class GrpcMethods
{
    private static readonly Marshaller<byte[]> s_bytes = new(message => message, message => message);

    /// <summary>A method of <c>test.Peer</c>.</summary>
    internal static Method<byte[], byte[]> Of(MethodType type, string name) => new(type, "test.Peer", name, s_bytes, s_bytes);

    internal static string Text(byte[] message) => Encoding.UTF8.GetString(message);
}
