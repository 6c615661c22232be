using Outrider.Http.Rules;

namespace Outrider.Tests.Http;

public sealed class ParserFuzzTests
{
    private const int Rounds = 60;

    private static readonly HttpLimits s_small = new() { MaxStartLine = 60, MaxHeaderBytes = 200, MaxHeaderCount = 6 };

    [Fact]
    public void No_mutation_of_a_request_makes_the_parser_throw_hang_or_depend_on_how_it_is_cut()
        => Fuzz([.. GoodRequests.All, .. BadRequests.Names.Select(name => BadRequests.Get(name).Text)], limits => MessageReader.OfRequest(limits));

    [Fact]
    public void No_mutation_of_a_response_makes_the_parser_throw_hang_or_depend_on_how_it_is_cut()
        => Fuzz([.. GoodResponses.All, .. BadResponses.Names.Select(name => BadResponses.Get(name).Text)], limits => MessageReader.OfResponse(limits));

    private static void Fuzz(string[] seeds, Func<HttpLimits?, MessageReader> begin)
    {
        for (int round = 0; round < Rounds; round++)
        {
            for (int i = 0; i < seeds.Length; i++)
            {
                int seed = round * 10_000 + i;
                var bytes = new Mutation(seed).Of(seeds[i]);
                foreach (var limits in new[] { null, s_small })
                {
                    string whole = begin(limits).Feed(bytes).Describe();
                    var random = new Random(seed);
                    var cut = begin(limits);
                    for (int at = 0; at < bytes.Length;)
                    {
                        int count = Math.Min(random.Next(1, 8), bytes.Length - at);
                        cut.Feed(bytes.AsSpan(at, count));
                        at += count;
                    }

                    Assert.True(whole == cut.Describe(), $"seed {seed}:\n{whole}\n{cut.Describe()}\n{Convert.ToHexString(bytes)}");
                }
            }
        }
    }
}
