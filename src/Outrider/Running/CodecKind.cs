using Outrider.Assemblies;
using Outrider.Http.Streams;

namespace Outrider.Running;

/// <summary>Codecs as a kind of extension that assemblies may bring: what loads assemblies knows no protocol.</summary>
internal static class CodecKind
{
    /// <summary>Codecs, which go to that registry.</summary>
    internal static ExtensionKind Of(CodecRegistry registry) => ExtensionKind.Of<CodecAttribute, ICodec>(
        "codec",
        attribute => attribute.Name,
        registry.Has,
        (name, create) =>
        {
            try
            {
                registry.Add(name, create(new Filters.FilterConfiguration(name, default, "/")));
            }
            catch (ArgumentException e)
            {
                throw new InvalidOperationException(e.Message, e);
            }
        });
}
