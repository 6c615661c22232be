using System.Reflection;
using System.Text;
using Outrider.Filters;
using Outrider.StockFilters;

namespace Outrider.Tests.StockFilters;

/// <summary>The list of stock filters is what the classes' attributes say.</summary>
public sealed class StockFilterSetTests
{
    private static readonly Type[] s_types = typeof(StockFilterSet).Assembly.GetExportedTypes();

    [Fact]
    public void Every_filter_is_registered_under_its_name_and_in_its_phase()
    {
        var registry = new StreamFilterRegistry();
        StockFilterSet.Register(registry);
        var attributes = s_types.Select(type => type.GetCustomAttribute<StreamFilterAttribute>()).OfType<StreamFilterAttribute>().ToList();

        Assert.Equal(attributes.Select(one => one.Name).Order(StringComparer.Ordinal), registry.Names);
        foreach (var attribute in attributes)
        {
            Assert.NotNull(attribute.JsonContext);
            IStreamFilterFactory factory;
            try
            {
                factory = registry.Find(attribute.Name)!(new FilterConfiguration(attribute.Name, Encoding.UTF8.GetBytes("{}"), "/"));
            }
            catch (FilterConfigurationException)
            {
                // It needs a configuration, which its own tests give it.
                continue;
            }

            Assert.Equal(attribute.Phase, factory.Phase);
        }
    }

    [Fact]
    public void Every_driver_is_registered_under_its_name()
    {
        var registry = new StreamFilterRegistry();
        StockFilterSet.Register(registry);

        Assert.Equal(
            s_types.Select(type => type.GetCustomAttribute<MetadataDriverAttribute>()?.Name).OfType<string>().Order(StringComparer.Ordinal),
            registry.MetadataDrivers.Names);
    }
}
