using Outrider.Expressions.Values;
using Outrider.Filters;

namespace Outrider.Expressions.Evaluation;

/// <summary>A text of a map: <c>request.headers["a"]</c>.</summary>
internal sealed class EntryNode(Node map, Node key) : Node(ValueKind.Text)
{
    internal override Value Evaluate(StreamContext stream)
    {
        var name = key.Evaluate(stream);
        return name.IsError ? name : Find(stream, name.Text) is { } text ? Value.Of(text) : Value.Error($"no such key: '{name.Text}'");
    }

    /// <summary>Has the map one of that name?</summary>
    internal bool IsSet(StreamContext stream) => key.Evaluate(stream) is { IsError: false } name && Find(stream, name.Text) is not null;

    private string? Find(StreamContext stream, string name) => map.Evaluate(stream).Map?.Invoke(name);
}
