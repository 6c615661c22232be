using System.Text.Json;
using System.Text.Json.Serialization;
using Outrider.Plugins.Sdk;
using Outrider.Samples.Checker;

// checker -c FILE, the file as {"User": "admin"}
if (args is not ["-c", var file])
{
    Console.Error.WriteLine("usage: checker -c FILE");
    return 2;
}

try
{
    var required = JsonSerializer.Deserialize(File.ReadAllText(file), CheckerJson.Default.DictionaryStringString) ?? [];
    return await Plugin.ServeAsync(new Checker(required));
}
catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
{
    Console.Error.WriteLine($"checker: {file}: {e.Message}");
    return 1;
}

[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class CheckerJson : JsonSerializerContext;
