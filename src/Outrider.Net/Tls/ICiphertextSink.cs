namespace Outrider.Net.Tls;

/// <summary>Where what TLS has made goes, on its way to the peer.</summary>
internal interface ICiphertextSink
{
    /// <summary>Takes the bytes, which are looked at only during the call.</summary>
    void AppendCiphertext(ReadOnlySpan<byte> data);
}
