using Grpc.Core;

namespace Outrider.Samples.Grpc;

/// <summary>Greets, counts and adds. Who is called "nobody" is not found; who is called "slow" is greeted when the client no longer waits.</summary>
internal sealed class GreeterService : Greeter.GreeterBase
{
    /// <inheritdoc/>
    public override async Task<Greeting> Greet(Name request, ServerCallContext context)
    {
        if (request.Name_ == "nobody")
        {
            throw new RpcException(new Status(StatusCode.NotFound, "there is nobody"));
        }

        if (request.Name_ == "slow")
        {
            await Task.Delay(Timeout.Infinite, context.CancellationToken);
        }

        return new Greeting { Text = $"hello, {request.Name_}" };
    }

    /// <inheritdoc/>
    public override async Task CountDown(Start request, IServerStreamWriter<Number> responseStream, ServerCallContext context)
    {
        for (int value = request.From; value >= 0; value--)
        {
            await responseStream.WriteAsync(new Number { Value = value }, context.CancellationToken);
        }
    }

    /// <inheritdoc/>
    public override async Task<Number> Sum(IAsyncStreamReader<Number> requestStream, ServerCallContext context)
    {
        long sum = 0;
        await foreach (var number in requestStream.ReadAllAsync(context.CancellationToken))
        {
            sum += number.Value;
        }

        return new Number { Value = sum };
    }

    /// <inheritdoc/>
    public override async Task Chat(IAsyncStreamReader<Name> requestStream, IServerStreamWriter<Greeting> responseStream, ServerCallContext context)
    {
        await foreach (var name in requestStream.ReadAllAsync(context.CancellationToken))
        {
            await responseStream.WriteAsync(new Greeting { Text = $"hello, {name.Name_}" }, context.CancellationToken);
        }
    }
}
