using Outrider.Proxy.Streams.Contexts;

namespace Outrider.Tests.Proxying.Parts;

/// <summary>Variables and state that filters set on a stream.</summary>
public sealed class StreamVariablesTests
{
    [Fact]
    public void A_variable_is_found_by_its_name_until_it_is_taken_away()
    {
        var variables = new StreamVariables();
        Assert.Null(variables.Find("mine"u8));
        variables.Set("mine", 7);
        Assert.Equal(7, variables.Find("mine"u8));
        Assert.Equal(7, variables.Find("mine"));
        variables.Set("mine", null);
        Assert.Null(variables.Find("mine"));
    }

    [Fact]
    public void The_proxys_own_are_not_set() => Assert.Throws<ArgumentException>(() => new StreamVariables().Set("response_code", 1));

    [Fact]
    public void State_is_set_once_and_given_as_a_copy()
    {
        var variables = new StreamVariables();
        variables.SetState("key", "abc"u8);
        variables.GetState("key")![0] = 0;

        Assert.Equal("abc"u8.ToArray(), variables.GetState("key"));
        Assert.Throws<InvalidOperationException>(() => variables.SetState("key", "d"u8));
        variables.Reset();
        Assert.Null(variables.GetState("key"));
    }
}
