using Grpc.Core;
using Grpc.Net.Client;
using Outrider.Samples.Grpc;

// grpc-client [PORT]: makes a call of each kind, with the key that the filter wants and without, and prints what came of it.
using var channel = GrpcChannel.ForAddress($"http://127.0.0.1:{(args.Length > 0 ? args[0] : "10000")}");
var greeter = new Greeter.GreeterClient(channel);
var key = new Metadata { { "x-api-key", "for-alice" } };

Console.WriteLine($"without a key: {await StatusAsync(() => greeter.GreetAsync(new Name { Name_ = "Alice" }).ResponseAsync)}");

using var greet = greeter.GreetAsync(new Name { Name_ = "Alice" }, key);
Console.WriteLine($"unary: {(await greet).Text}; {greet.GetStatus().StatusCode}, on behalf of {greet.GetTrailers().GetValue("x-caller")}");

using var countDown = greeter.CountDown(new Start { From = 3 }, key);
Console.Write("server streaming:");
await foreach (var number in countDown.ResponseStream.ReadAllAsync())
{
    Console.Write($" {number.Value}");
}

using var sum = greeter.Sum(key);
for (int i = 1; i <= 100; i++)
{
    await sum.RequestStream.WriteAsync(new Number { Value = i });
}

await sum.RequestStream.CompleteAsync();
Console.WriteLine($"\nclient streaming: {(await sum).Value}");

using var chat = greeter.Chat(key);
foreach (string name in (string[])["Bob", "Carol"])
{
    await chat.RequestStream.WriteAsync(new Name { Name_ = name });
    await chat.ResponseStream.MoveNext(CancellationToken.None);
    Console.WriteLine($"both: {chat.ResponseStream.Current.Text}");
}

await chat.RequestStream.CompleteAsync();
while (await chat.ResponseStream.MoveNext(CancellationToken.None))
{
    // To the end of the answers: only then is the call over.
}

Console.WriteLine($"a status: {await StatusAsync(() => greeter.GreetAsync(new Name { Name_ = "nobody" }, key).ResponseAsync)}");
Console.WriteLine($"a deadline: {await StatusAsync(() => greeter.GreetAsync(new Name { Name_ = "slow" }, key, DateTime.UtcNow.AddMilliseconds(300)).ResponseAsync, withDetail: false)}");

static async Task<string> StatusAsync(Func<Task<Greeting>> call, bool withDetail = true)
{
    try
    {
        return (await call()).Text;
    }
    catch (RpcException e)
    {
        return withDetail ? $"{e.StatusCode}, {e.Status.Detail}" : e.StatusCode.ToString();
    }
}
