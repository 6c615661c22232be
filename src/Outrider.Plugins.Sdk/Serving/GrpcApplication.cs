using Google.Protobuf;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Outrider.Plugins.Protocol;

namespace Outrider.Plugins.Sdk.Serving;

/// <summary>The methods of a plugin: its own, the health check, and go-plugin's request to end.</summary>
/// <param name="service">Answers the calls.</param>
/// <param name="maxMessageSize">The largest message in bytes.</param>
/// <param name="stop">Ends the plugin.</param>
internal sealed class GrpcApplication(IPluginService service, int maxMessageSize, Action stop) : IHttpApplication<GrpcCall>
{
    // An empty message, as Shutdown answers.
    private static readonly HealthCheckResponse s_empty = new();
    private static readonly HealthCheckResponse s_serving = new() { Status = HealthCheckResponse.Types.ServingStatus.Serving };

    public GrpcCall CreateContext(IFeatureCollection contextFeatures) => new(contextFeatures, maxMessageSize);

    public void DisposeContext(GrpcCall context, Exception? exception) => context.Dispose();

    public async Task ProcessRequestAsync(GrpcCall context)
    {
        if (!context.TryBegin())
        {
            return;
        }

        try
        {
            IMessage response = context.Path switch
            {
                PluginMethods.Call => await CallAsync(context).ConfigureAwait(false),
                PluginMethods.Health => Check(await context.ReadAsync(HealthCheckRequest.Parser).ConfigureAwait(false)),
                PluginMethods.Shutdown => s_empty,
                _ => throw new GrpcFailureException(GrpcStatus.Unimplemented, $"there is no method {context.Path}"),
            };
            context.Write(response);
        }
        catch (GrpcFailureException e)
        {
            context.Fail(e.Status, e.Message);
        }
        catch (OperationCanceledException) when (context.IsOver)
        {
            context.Fail(context.IsTimedOut ? GrpcStatus.DeadlineExceeded : GrpcStatus.Cancelled, "");
        }
        catch (Exception e)
        {
            // The plugin's own fault: its author reads of it here, the proxy by the status.
            await Console.Error.WriteLineAsync(e.ToString()).ConfigureAwait(false);
            context.Fail(GrpcStatus.Unknown, e.Message);
        }

        if (context.Path == PluginMethods.Shutdown)
        {
            stop();
        }
    }

    private async ValueTask<Response> CallAsync(GrpcCall context)
    {
        var request = await context.ReadAsync(Request.Parser).ConfigureAwait(false);
        var response = await service.CallAsync(request, context.Cancellation).AsTask().WaitAsync(context.Cancellation).ConfigureAwait(false);
        return response ?? throw new InvalidOperationException($"{service.GetType().Name}.{nameof(IPluginService.CallAsync)} returned null");
    }

    private static HealthCheckResponse Check(HealthCheckRequest request) => request.Service is "" or PluginMethods.HealthService
        ? s_serving
        : throw new GrpcFailureException(GrpcStatus.NotFound, $"there is no service {request.Service}");
}
