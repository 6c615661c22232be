using System.Text;
using Outrider.Filters;

namespace Outrider.StockFilters.Mutation;

/// <summary>A header that a service wants changed.</summary>
/// <param name="Name">Its name; <c>:path</c>, <c>:method</c>, <c>:authority</c> too.</param>
/// <param name="Value">Its value; null takes it out.</param>
/// <param name="Action">What is done where it is there.</param>
internal sealed record HeaderChange(string Name, byte[]? Value, AppendAction Action = AppendAction.OverwriteIfExistsOrAdd)
{
    /// <summary>Is it one that may be written?</summary>
    internal bool IsValid => (IsOfRequestLine || (HeaderSyntax.IsToken(Encoding.UTF8.GetBytes(Name)) && !IsFraming(Name))) && (Value is null ? !IsOfRequestLine : HeaderSyntax.IsValue(Value));

    private bool IsOfRequestLine => Name is ":path" or ":method" or ":authority" || Name.Equals("host", StringComparison.OrdinalIgnoreCase);

    /// <summary>Does the base write it itself?</summary>
    internal static bool IsFraming(string name) => name.Equals("content-length", StringComparison.OrdinalIgnoreCase) || HeaderSyntax.IsConnections(Encoding.UTF8.GetBytes(name));

    /// <summary>Changes a request.</summary>
    internal void Apply(RequestHeaders headers)
    {
        switch (Name)
        {
            case ":path":
                headers.Path = Value;
                break;
            case ":method":
                headers.Method = Value;
                break;
            default:
                if (IsOfRequestLine)
                {
                    headers.Authority = Value;
                }
                else
                {
                    Apply((HeaderMap)headers);
                }

                break;
        }
    }

    /// <summary>Changes a response.</summary>
    internal void Apply(HeaderMap headers)
    {
        byte[] name = Encoding.UTF8.GetBytes(Name);
        if (Value is null)
        {
            _ = headers.Remove(name);
        }
        else if (Action == AppendAction.AppendIfExistsOrAdd)
        {
            headers.Append(name, Value);
        }
        else if (Action == AppendAction.OverwriteIfExistsOrAdd || headers.Contains(name) == (Action == AppendAction.OverwriteIfExists))
        {
            headers.Set(name, Value);
        }
    }
}
