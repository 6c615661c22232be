using Outrider.Net.Loops;

namespace Outrider.Tests.Net;

/// <summary>Hints to the processor, which change nothing.</summary>
public sealed class CacheHintTests
{
    [Fact]
    public void Whatever_it_is_told_of_stays_as_it_is()
    {
        byte[] bytes = [1, 2, 3];
        for (int i = 0; i < 10_000; i++)
        {
            // Also far behind the object, and while the collector moves it.
            CacheHint.Soon(bytes, 1 << 16);
            if (i % 1_000 == 0)
            {
                GC.Collect(0);
            }
        }

        Assert.Equal([1, 2, 3], bytes);
    }
}
