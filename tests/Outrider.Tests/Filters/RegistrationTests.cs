using System.Reflection;
using System.Reflection.Emit;
using System.Text;
using Outrider.Assemblies;
using Outrider.Configuration;
using Outrider.Configuration.Problems;
using Outrider.Filters;
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

        Assert.Equal(["BODY", "Http1_old", "ask", "boundaries", "form", "line", "paired", "scripted", "seen-boundaries", "test-collecting", "test-first-use", "test-greeting", "test-pair"], ExtensionAssembly.Load(typeof(GreetingFilter).Assembly.Location, registry, certificates).Order(StringComparer.Ordinal));
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

    [Theory]
    [InlineData("", true)]
    [InlineData("null", true)]
    [InlineData(" { } ", true)]
    [InlineData("\"\"", true)]
    [InlineData("{\"a\":1}", false)]
    [InlineData("[]", false)]
    [InlineData("7", false)]
    public void A_config_for_a_filter_that_takes_none_is_an_error(string config, bool fits)
    {
        var registry = new StreamFilterRegistry();
        _ = ExtensionAssembly.Load(Emit(("plain", [])), registry, new CertificateProviderRegistry());
        var given = new FilterConfiguration("plain", Encoding.UTF8.GetBytes(config), _folder);

        if (fits)
        {
            Assert.NotNull(registry.Find("plain")!(given));
        }
        else
        {
            Assert.Contains("'plain' takes no configuration", Assert.Throws<FilterConfigurationException>(() => registry.Find("plain")!(given)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_filter_class_that_is_not_public_is_named()
    {
        string error = Assert.Throws<InvalidOperationException>(() => LoadOne(Emit(typeof(StreamFilter), TypeAttributes.NotPublic, null, ("hidden", [])))).Message;

        Assert.Contains("Filter0", error, StringComparison.Ordinal);
        Assert.Contains("not public", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Some.Library", "Some.Library 1.2.3.4, which is not beside it")]
    [InlineData("Microsoft.AspNetCore.Mvc.Unheard", "ASP.NET Core framework")]
    [InlineData("Outrider.Filters", "built for Outrider.Filters 1.2.3.4")]
    public void An_assembly_that_is_missing_or_older_is_named_when_the_extension_loads(string name, string mention)
    {
        var other = new PersistedAssemblyBuilder(new AssemblyName($"{name}, Version=1.2.3.4"), typeof(object).Assembly);
        var type = other.DefineDynamicModule(name).DefineType("Unheard.Of", TypeAttributes.Public | TypeAttributes.Class);
        var method = type.DefineMethod("Do", MethodAttributes.Public | MethodAttributes.Static);
        method.GetILGenerator().Emit(OpCodes.Ret);
        type.CreateType();

        string path = Emit(typeof(StreamFilter), TypeAttributes.Public, method, ("needy", []));

        Assert.Contains(mention, Assert.Throws<IOException>(() => LoadOne(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_method_that_is_not_there_is_named_by_who_examines()
    {
        // The same name and version as what lies beside it, one method more.
        string name = $"Emitted{Guid.NewGuid():n}";
        Library(name, "Old").Assembly.Save(Path.Combine(_folder, name + ".dll"));
        string path = Emit(typeof(StreamFilter), TypeAttributes.Public, Library(name, "Old", "Fresh").Last, ("needy", []));

        _ = LoadOne(path);
        Assert.Contains("Fresh", Assert.Throws<IOException>(() => LoadOne(path, examine: true)).Message, StringComparison.Ordinal);
        _ = LoadOne(Emit(("content", [])), examine: true);
    }

    private static (PersistedAssemblyBuilder Assembly, MethodInfo Last) Library(string name, params string[] methods)
    {
        var assembly = new PersistedAssemblyBuilder(new AssemblyName(name), typeof(object).Assembly);
        var type = assembly.DefineDynamicModule(name).DefineType("Helper", TypeAttributes.Public | TypeAttributes.Class);
        MethodBuilder? last = null;
        foreach (string method in methods)
        {
            last = type.DefineMethod(method, MethodAttributes.Public | MethodAttributes.Static);
            last.GetILGenerator().Emit(OpCodes.Ret);
        }

        type.CreateType();
        return (assembly, last!);
    }

    private static IReadOnlyList<string> LoadOne(string path, bool examine = false)
        => ExtensionAssembly.Load(path, new StreamFilterRegistry(), new CertificateProviderRegistry(), examine);

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
    private string Emit(Type parent, params (string Name, Type[] Parameters)[] filters) => Emit(parent, TypeAttributes.Public, null, filters);

    private string Emit(Type parent, TypeAttributes visibility, MethodInfo? calls, params (string Name, Type[] Parameters)[] filters)
    {
        string name = $"Emitted{Guid.NewGuid():n}";
        var assembly = new PersistedAssemblyBuilder(new AssemblyName(name), typeof(object).Assembly);
        var module = assembly.DefineDynamicModule(name);
        var attribute = typeof(StreamFilterAttribute).GetConstructor([typeof(string)])!;
        for (int i = 0; i < filters.Length; i++)
        {
            var type = module.DefineType($"Filter{i}", visibility | TypeAttributes.Class, parent);
            type.SetCustomAttribute(new CustomAttributeBuilder(attribute, [filters[i].Name]));
            var il = type.DefineConstructor(MethodAttributes.Public, CallingConventions.Standard, filters[i].Parameters).GetILGenerator();
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Call, parent.GetConstructor(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic, [])!);
            if (calls is not null)
            {
                il.Emit(OpCodes.Call, calls);
            }

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
