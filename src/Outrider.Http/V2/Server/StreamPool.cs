namespace Outrider.Http.V2.Server;

/// <summary>Streams that are free to be used again, those of one thread, which is a loop's: a connection at rest holds none.</summary>
internal static class StreamPool
{
    private const int MaxKept = 1024;

    [ThreadStatic]
    private static Http2ServerStream? t_free;

    [ThreadStatic]
    private static int t_count;

    internal static Http2ServerStream Rent()
    {
        if (t_free is not { } stream)
        {
            return new Http2ServerStream();
        }

        t_free = stream.Chained;
        t_count--;
        stream.Chained = null;
        return stream;
    }

    internal static void Return(Http2ServerStream stream)
    {
        if (t_count < MaxKept)
        {
            stream.Chained = t_free;
            t_free = stream;
            t_count++;
        }
    }
}
