using System.Text;
using Outrider.Plugins.Processes.Supervision;
using Outrider.Proxy.Admin;

namespace Outrider.Plugins.Processes;

/// <summary>
/// <c>/api/v1/plugin</c>: <c>?status=all</c>, <c>?status=NAME</c>, and as POST <c>?enable=NAME</c>, <c>?disable=NAME</c>, with MOSN's answers
/// (<c>pkg/plugin/admin.go</c>). Any thread.
/// </summary>
internal sealed class PluginAdminHandler(PluginHost host) : IAdminHandler
{
    // The admin API gives a request five seconds.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(4);

    public string Path => "/api/v1/plugin";

    public bool Changes(AdminRequest request) => Value(request, "enable") is not null || Value(request, "disable") is not null;

    public string Summary => "?status=all, ?status=NAME; POST: ?enable=NAME, ?disable=NAME";

    public async ValueTask<AdminResponse> HandleAsync(AdminRequest request)
    {
        if (Value(request, "enable") is { } enable)
        {
            return await SwitchAsync("enable", enable, EnableAsync).ConfigureAwait(false);
        }

        if (Value(request, "disable") is { } disable)
        {
            return await SwitchAsync("disable", disable, DisableAsync).ConfigureAwait(false);
        }

        return Value(request, "status") is { } status ? Status(status) : Usage();
    }

    private AdminResponse Status(string name)
    {
        if (name != "all")
        {
            return host.Find(name) is { } one ? AdminResponse.Text(Line(one) + "\n") : NotRegistered(name);
        }

        var text = new StringBuilder();
        foreach (var plugin in host.Plugins.Values.OrderBy(plugin => plugin.Command.Name, StringComparer.Ordinal))
        {
            _ = text.Append(Line(plugin)).Append('\n');
        }

        return AdminResponse.Text(text.Append('\n').ToString());
    }

    private async ValueTask<AdminResponse> SwitchAsync(string verb, string name, Func<SupervisedPlugin, Task<string?>> action)
    {
        if (host.Find(name) is not { } plugin)
        {
            return NotRegistered(name);
        }

        try
        {
            string? problem = await action(plugin).WaitAsync(s_patience).ConfigureAwait(false);
            return problem is null ? AdminResponse.Text($"{verb} {name} success\n") : AdminResponse.Text(problem + "\n", 400);
        }
        catch (TimeoutException)
        {
            return AdminResponse.Text($"{verb} {name} is taking its time; see ?status={name}\n", 400);
        }
    }

    private static Task<string?> EnableAsync(SupervisedPlugin plugin) => plugin.EnableAsync();

    private static async Task<string?> DisableAsync(SupervisedPlugin plugin)
    {
        await plugin.DisableAsync("switched off in the admin API").ConfigureAwait(false);
        return null;
    }

    // MOSN takes an empty value for none.
    private static string? Value(AdminRequest request, string key)
        => request.Query.FirstOrDefault(pair => pair.Key == key).Value is { Length: > 0 } value ? value : null;

    private static string Line(SupervisedPlugin plugin)
        => $"name:{plugin.Command.Name},enable:{Word(plugin.IsEnabled)},on:{Word(plugin.IsOn)}";

    private static string Word(bool value) => value ? "true" : "false";

    private static AdminResponse NotRegistered(string name) => AdminResponse.Text($"plugin {name} no register\n", 400);

    private static AdminResponse Usage() => AdminResponse.Text("Usage:\n/plugin?status=all\n/plugin?status=pluginname\nPOST /plugin?enable=pluginname\nPOST /plugin?disable=pluginname\n", 400);
}
