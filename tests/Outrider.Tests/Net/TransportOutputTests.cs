using System.Text;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Net;

/// <summary>How a connection is written to: in order, whole, and with news of when the kernel takes no more.</summary>
public sealed class TransportOutputTests : TransportLab
{
    [Fact]
    public async Task Small_and_large_writes_leave_in_order()
    {
        var pieces = new[] { 1, 10, 8 * 1024, 3, 200_000, 16 * 1024, 5, 7_999, 8_001 }.Select(TestBytes.Make).ToArray();

        await OnLoopAsync(() => Array.ForEach(pieces, piece => Connection.Transport.Write(piece)));
        var expected = pieces.SelectMany(p => p).ToArray();

        Assert.Equal(TestBytes.Digest(expected), TestBytes.Digest(await new WireReader(Peer).ReadBytesAsync(expected.Length)));
    }

    [Fact]
    public async Task What_the_kernel_does_not_take_waits_and_arrives_whole()
    {
        var bytes = TestBytes.Make(20 * 1024 * 1024);

        await OnLoopAsync(() => Connection.Transport.Write(bytes));
        await OnLoopAsync(() =>
        {
            Assert.True(Connection.Transport.IsWriteBlocked);
            Assert.True(Connection.Transport.PendingOutput > 0);
            Assert.Equal(1, Connection.TimesBlocked);
            Assert.Equal(0, Connection.TimesWritten);
        });

        Assert.Equal(TestBytes.Digest(bytes), TestBytes.Digest(await new WireReader(Peer).ReadBytesAsync(bytes.Length)));
        await Eventually.HoldsAsync(() => Volatile.Read(ref Connection.TimesWritten) == 1);
        await OnLoopAsync(() => Assert.True(Connection is { Transport: { IsWriteBlocked: false, PendingOutput: 0 }, TimesBlocked: 1 }));
    }

    [Fact]
    public async Task Writes_while_blocked_come_after_what_waits()
    {
        var expected = new MemoryStream();
        for (int i = 0; i < 200; i++)
        {
            var piece = TestBytes.Make(1 + (i * 997 % 70_000));
            expected.Write(piece);
            await OnLoopAsync(() => Connection.Transport.Write(piece));
        }

        Assert.Equal(TestBytes.Digest(expected.ToArray()), TestBytes.Digest(await new WireReader(Peer).ReadBytesAsync(expected.Length)));
    }

    [Fact]
    public async Task Spans_of_the_queue_leave_in_order_with_writes()
    {
        await OnLoopAsync(() =>
        {
            for (int i = 0; i < 5_000; i++)
            {
                var span = Connection.Transport.GetSpan(10);
                int length = Encoding.ASCII.GetBytes($"{i};", span);
                Connection.Transport.Advance(length);
                Connection.Transport.Write("w"u8);
            }
        });
        string expected = string.Concat(Enumerable.Range(0, 5_000).Select(i => $"{i};w"));

        Assert.Equal(expected, Encoding.ASCII.GetString(await new WireReader(Peer).ReadBytesAsync(expected.Length)));
    }
}
