using Outrider.Net.Descriptors;

namespace Outrider.Tests.Limits;

public sealed class DescriptorBudgetTests
{
    [Theory]
    [InlineData(64, 32)]
    [InlineData(256, 48)]
    [InlineData(1024, 128)]
    [InlineData(20_000, 512)]
    [InlineData(1_048_576, 512)]
    public void An_eighth_is_kept_back_within_bounds(int limit, int reserve)
    {
        var budget = new DescriptorBudget(limit);

        Assert.Equal(reserve, budget.Reserve);
        Assert.Equal(limit - reserve, budget.AcceptCeiling);
        Assert.InRange(budget.ConnectCeiling, budget.AcceptCeiling, limit);
    }

    [Fact]
    public void Of_what_is_left_at_start_no_more_than_half_is_kept_back()
    {
        int inUse = new DescriptorBudget(1_000_000).LowestFree();
        var budget = new DescriptorBudget(inUse + 60);

        budget.Settle();

        Assert.InRange(budget.AcceptCeiling, budget.InUseAtStart + 1, budget.Limit - 1);
    }

    [Fact]
    public void The_process_has_its_hard_limit()
    {
        string hard = File.ReadLines("/proc/self/limits").Single(line => line.StartsWith("Max open files", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[4];

        Assert.Equal(hard, DescriptorBudget.Process.Limit.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }
}
