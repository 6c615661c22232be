using System.Text;
using Outrider.Http.Rules;

namespace Outrider.Tests.Http;

/// <summary>However the network cuts a message, it is the same message, or the same fault.</summary>
public sealed class SplitTests
{
    private static readonly HttpLimits s_small = new() { MaxStartLine = 40, MaxHeaderBytes = 80, MaxHeaderCount = 3 };

    [Fact]
    public void A_request_is_the_same_wherever_it_is_cut()
    {
        foreach (string text in GoodRequests.All.Concat(BadRequests.Names.Select(name => BadRequests.Get(name).Text)))
        {
            CheckCuts(text, () => MessageReader.OfRequest());
            CheckCuts(text, () => MessageReader.OfRequest(s_small));
        }
    }

    [Fact]
    public void A_response_is_the_same_wherever_it_is_cut()
    {
        foreach (string text in GoodResponses.All.Concat(BadResponses.Names.Select(name => BadResponses.Get(name).Text)).Where(text => text.Length < 4000))
        {
            CheckCuts(text, () => MessageReader.OfResponse());
            CheckCuts(text, () => MessageReader.OfResponse(s_small, toHead: true));
        }
    }

    // In two pieces at every place, byte by byte, and in pieces of random length.
    private static void CheckCuts(string text, Func<MessageReader> begin)
    {
        var bytes = Encoding.Latin1.GetBytes(text);
        string whole = begin().Feed(bytes).Describe();
        for (int cut = 1; cut < bytes.Length; cut += bytes.Length > 1000 ? 37 : 1)
        {
            Assert.Equal(whole, begin().Feed(bytes.AsSpan(0, cut)).Feed(bytes.AsSpan(cut)).Describe());
        }

        var random = new Random(text.Length);
        for (int most = 1; most <= 32; most *= 2)
        {
            var reader = begin();
            for (int at = 0; at < bytes.Length;)
            {
                int count = Math.Min(random.Next(1, most + 1), bytes.Length - at);
                reader.Feed(bytes.AsSpan(at, count));
                at += count;
            }

            Assert.Equal(whole, reader.Describe());
        }
    }
}
