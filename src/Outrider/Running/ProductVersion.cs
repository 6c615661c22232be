using System.Reflection;

namespace Outrider.Running;

/// <summary>This program's version.</summary>
internal static class ProductVersion
{
    internal static string Text { get; } = typeof(ProductVersion).Assembly.GetName().Version is { } v ? $"{v.Major}.{v.Minor}.{v.Build}" : "0.0.0";

    /// <summary>What <c>outrider version</c> says.</summary>
    internal static string Line => "outrider version: " + Text;
}
