using Outrider.Configuration.Model;
using Outrider.Configuration.Problems;
using Outrider.Filters;
using Outrider.Security;

namespace Outrider.Upstream.Checks;

/// <summary>Makes what checks clusters' hosts: health checkers that come with the proxy, and those that extensions bring.</summary>
/// <param name="registry">Those of extensions; null for none.</param>
internal sealed class HealthCheckPlans(HealthCheckRegistry? registry)
{
    /// <summary>The plan for one cluster; null when it has no health checks, or, with a problem, when they cannot be made.</summary>
    public HealthCheckPlan? Create(HealthCheckConfiguration? configuration, TlsContext? tls, List<ConfigurationProblem> problems)
    {
        if (configuration is null)
        {
            return null;
        }

        var checker = Checker(configuration, tls, problems);
        List<IHealthCheckCallback> callbacks = [];
        for (int i = 0; i < configuration.Callbacks.Count; i++)
        {
            string name = configuration.Callbacks[i];
            if (registry?.FindCallback(name) is { } create)
            {
                callbacks.Add(create());
            }
            else
            {
                string others = registry is { CallbackNames.Count: > 0 } ? "; there are: " + string.Join(", ", registry.CallbackNames) : "";
                problems.Add(configuration.ProblemAt($"common_callbacks[{i}]", $"there is no health check call-back '{name}'{others}"));
            }
        }

        return checker is null ? null : new HealthCheckPlan(configuration, checker, callbacks);
    }

    /// <summary>Finds what is wrong with the health checks of clusters.</summary>
    /// <exception cref="ConfigurationException">Some cannot be made.</exception>
    public void Check(IReadOnlyList<ClusterConfiguration> clusters)
    {
        List<ConfigurationProblem> problems = [];
        foreach (var cluster in clusters)
        {
            Create(cluster.HealthCheck, null, problems)?.Dispose();
        }

        if (problems.Count > 0)
        {
            throw new ConfigurationException(problems);
        }
    }

    private IHealthChecker? Checker(HealthCheckConfiguration configuration, TlsContext? tls, List<ConfigurationProblem> problems)
    {
        switch (configuration.Protocol)
        {
            case "TCP":
                return new TcpHealthChecker();
            case "Http1":
                return configuration.Http is { } http ? new HttpHealthChecker(http, isHttp2: false, tls) : new TcpHealthChecker();
            case "Http2":
                return new HttpHealthChecker(configuration.Http ?? new HttpCheckConfiguration(), isHttp2: true, tls);
            case "gRPC":
                return new GrpcHealthChecker(configuration.Grpc, tls);
        }

        if (registry?.FindChecker(configuration.Protocol) is not { } create)
        {
            problems.Add(configuration.ProblemAt("protocol", $"there is no health checker '{configuration.Protocol}'; there are: {string.Join(", ", ["TCP", "Http1", "Http2", "gRPC", .. registry?.CheckerNames ?? []])}"));
            return null;
        }

        try
        {
            return create(configuration.ToFilterConfiguration());
        }
        catch (FilterConfigurationException e)
        {
            problems.Add(configuration.ConfigProblem(e));
        }
        catch (Exception e)
        {
            problems.Add(configuration.ProblemAt("protocol", $"the health checker '{configuration.Protocol}' cannot be made: {e.Message}"));
        }

        return null;
    }
}
