using System.Reflection;
using System.Reflection.Emit;
using System.Text;
using Outrider.Filters;
using Outrider.Plugins;
using Outrider.Proxy.Configuration;
using Outrider.Proxy.Server;
using Outrider.Tests.CommandLine;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Filters;

public sealed class RegistrationTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("outrider-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_dll_registers_its_extensions_by_their_names()
    {
        var registry = new StreamFilterRegistry();
        var certificates = new CertificateProviderRegistry();

        Assert.Equal(["boundaries", "seen-boundaries", "test-collecting", "test-greeting", "test-pair"], ExtensionAssembly.Load(typeof(GreetingFilter).Assembly.Location, registry, certificates));
        Assert.Equal(["test-pair"], certificates.Names);

        var factory = registry.Find("test-greeting")!(new FilterConfiguration("test-greeting", """{"greeting":"moin"}"""u8.ToArray(), _folder));
        Assert.Equal(StreamFilterMethods.EncodeHeaders, factory.Methods);
        Assert.NotSame(factory.CreateFilter(), factory.CreateFilter());
        Assert.Null(registry.Find("Test-Greeting"));
    }

    [Fact]
    public void A_filter_without_a_configuration_needs_none()
    {
        var registry = new StreamFilterRegistry();
        string path = Emit(("plain", []));

        Assert.Equal(["plain"], ExtensionAssembly.Load(path, registry, new CertificateProviderRegistry()));
        Assert.NotNull(registry.Find("plain")!(new FilterConfiguration("plain", default, _folder)).CreateFilter());
    }

    [Fact]
    public void A_name_is_taken_once_and_an_assembly_with_a_mistake_registers_nothing()
    {
        var registry = new StreamFilterRegistry();
        registry.Add("taken", _ => throw new NotSupportedException());

        Assert.Throws<ArgumentException>(() => registry.Add("taken", _ => throw new NotSupportedException()));
        Assert.Contains("'taken'", Assert.Throws<InvalidOperationException>(() => ExtensionAssembly.Load(Emit(("free", []), ("taken", [])), registry, new CertificateProviderRegistry())).Message, StringComparison.Ordinal);
        Assert.Contains("'twice'", Assert.Throws<InvalidOperationException>(() => ExtensionAssembly.Load(Emit(("twice", []), ("twice", [])), registry, new CertificateProviderRegistry())).Message, StringComparison.Ordinal);
        Assert.Null(registry.Find("free"));
        Assert.Null(registry.Find("twice"));
    }

    [Fact]
    public void A_class_that_cannot_be_a_filter_is_named()
    {
        var registry = new StreamFilterRegistry();

        string two = Assert.Throws<InvalidOperationException>(() => ExtensionAssembly.Load(Emit(("two", [typeof(string), typeof(int)])), registry, new CertificateProviderRegistry())).Message;
        Assert.Contains("Filter0", two, StringComparison.Ordinal);
        Assert.Contains("one public constructor", two, StringComparison.Ordinal);

        string none = Assert.Throws<InvalidOperationException>(() => ExtensionAssembly.Load(Emit(typeof(object), ("none", [])), registry, new CertificateProviderRegistry())).Message;
        Assert.Contains("derives from StreamFilter", none, StringComparison.Ordinal);
    }

    [Fact]
    public void A_certificate_provider_whose_name_is_taken_keeps_the_filters_out_too()
    {
        var registry = new StreamFilterRegistry();
        var certificates = new CertificateProviderRegistry();
        certificates.Add("test-pair", static _ => throw new InvalidOperationException("not this one"));

        string error = Assert.Throws<InvalidOperationException>(() => ExtensionAssembly.Load(typeof(GreetingFilter).Assembly.Location, registry, certificates)).Message;

        Assert.Contains("'test-pair'", error, StringComparison.Ordinal);
        Assert.Null(registry.Find("test-greeting"));
    }

    [Fact]
    public void A_file_that_is_no_assembly_is_named()
    {
        string path = Path.Combine(_folder, "not.dll");
        File.WriteAllText(path, "not an assembly");

        Assert.Contains(path, Assert.Throws<IOException>(() => ExtensionAssembly.Load(path, new StreamFilterRegistry(), new CertificateProviderRegistry())).Message, StringComparison.Ordinal);
        Assert.Contains("missing.dll", Assert.ThrowsAny<IOException>(() => ExtensionAssembly.Load(Path.Combine(_folder, "missing.dll"), new StreamFilterRegistry(), new CertificateProviderRegistry())).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "greeting": 7 }""", "config.greeting", 4)]
    [InlineData("""{ "greeting": "x", "gruss": 1 }""", "config", 4)]
    [InlineData("""{ }""", "config", 4)]
    public void A_configuration_that_does_not_fit_is_an_error_with_path_line_and_column(string config, string path, int line)
    {
        var problem = Assert.Single(Check("test-greeting", config).Problems);
        string text = problem.ToString();

        Assert.Contains("servers[0].listeners[0].stream_filters[0]." + path, text, StringComparison.Ordinal);
        Assert.Contains($"{line}", text, StringComparison.Ordinal);
        Assert.Equal(line, problem.Line);
        Assert.True(problem.Column > 0);
    }

    [Fact]
    public void An_unknown_type_is_an_error_that_lists_the_known_ones()
    {
        var problem = Assert.Single(Check("unheard-of", "{}").Problems);

        Assert.Contains("servers[0].listeners[0].stream_filters[0].type", problem.ToString(), StringComparison.Ordinal);
        Assert.Contains("test-greeting", problem.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Only_methods_that_a_class_overrides_are_called()
    {
        Assert.Equal(StreamFilterMethods.None, OverriddenMethods.Of(typeof(Idle)));
        Assert.Equal(StreamFilterMethods.DecodeData | StreamFilterMethods.OnLog, OverriddenMethods.Of(typeof(Derived)));
    }

    private static ConfigurationException Check(string type, string config)
    {
        var registry = new StreamFilterRegistry();
        _ = AssemblyFilters.Register(typeof(GreetingFilter).Assembly, registry);
        string json = $$$$"""
            {"servers":[{"routers":[{"router_config_name":"r","virtual_hosts":[{"name":"all","domains":["*"],"routers":[]}]}],
            "listeners":[{"name":"l","address":"127.0.0.1:0","bind_port":true,
            "filter_chains":[{"filters":[{"type":"proxy","config":{"downstream_protocol":"Http1","upstream_protocol":"Http1","router_config_name":"r"}}]}],
            "stream_filters":[{"type":"{{{{type}}}}","config":{{{{config}}}}}]}]}],"cluster_manager":{"clusters":[]}}
            """;
        return Assert.Throws<ConfigurationException>(() =>
        {
            var loaded = ConfigurationLoader.Parse(Encoding.UTF8.GetBytes(json), "test.json");
            ProxyServer.CheckAsync(loaded.Configuration, registry).GetAwaiter().GetResult();
        });
    }

    private string Emit(params (string Name, Type[] Parameters)[] filters) => Emit(typeof(StreamFilter), filters);

    /// <summary>Writes an assembly with filters whose constructors have these parameters.</summary>
    private string Emit(Type parent, params (string Name, Type[] Parameters)[] filters)
    {
        string name = $"Emitted{Guid.NewGuid():n}";
        var assembly = new PersistedAssemblyBuilder(new AssemblyName(name), typeof(object).Assembly);
        var module = assembly.DefineDynamicModule(name);
        var attribute = typeof(StreamFilterAttribute).GetConstructor([typeof(string)])!;
        for (int i = 0; i < filters.Length; i++)
        {
            var type = module.DefineType($"Filter{i}", TypeAttributes.Public | TypeAttributes.Class, parent);
            type.SetCustomAttribute(new CustomAttributeBuilder(attribute, [filters[i].Name]));
            var il = type.DefineConstructor(MethodAttributes.Public, CallingConventions.Standard, filters[i].Parameters).GetILGenerator();
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Call, parent.GetConstructor(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic, [])!);
            il.Emit(OpCodes.Ret);
            type.CreateType();
        }

        string path = Path.Combine(_folder, name + ".dll");
        assembly.Save(path);
        return path;
    }

    private sealed class Idle : StreamFilter
    {
        // An overload of the author's own is not the chain's method.
        public static ValueTask<FilterAction> DecodeHeadersAsync(string other) => FilterAction.Reply(other.Length);
    }

    private class Base : StreamFilter
    {
        public override ValueTask<FilterAction> DecodeDataAsync(BodyBuffer data, bool endStream) => FilterAction.Continue;
    }

    private sealed class Derived : Base
    {
        public override void OnLog()
        {
        }
    }
}
