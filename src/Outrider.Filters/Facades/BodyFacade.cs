namespace Outrider.Filters;

/// <summary>A body of one direction as one filter object reaches it; see <see cref="StreamFacade"/>.</summary>
internal sealed class BodyFacade(StreamFacade stream) : BodyBuffer
{
    public override int Length => Here.Length;

    public override int SliceCount => Here.SliceCount;

    /// <summary>The base's buffer that the filter was called with last.</summary>
    internal BodyBuffer? Inner { get; set; }

    private BodyBuffer Here
    {
        get
        {
            stream.Check();
            return Inner!;
        }
    }

    public override ReadOnlySpan<byte> GetSlice(int index) => Here.GetSlice(index);

    public override void Append(ReadOnlySpan<byte> bytes) => Here.Append(bytes);

    public override void Drain(int count) => Here.Drain(count);
}
