using Outrider.Modules.Abi;

namespace Outrider.Envoy.Callbacks;

/// <summary>
/// Spans of Envoy's tracer. The stream's own is Envoy's; one that was begun here is the module's until it is finished, which
/// it has to be once. Text that comes out is good until the next of these callbacks on this thread; what is given is copied.
/// </summary>
internal static unsafe class SpanCallbacks
{
    private static delegate* unmanaged<nint, nint> s_active;
    private static delegate* unmanaged<nint, ModuleBuffer, ModuleBuffer, void> s_setTag;
    private static delegate* unmanaged<nint, ModuleBuffer, ModuleBuffer, void> s_setBaggage;
    private static delegate* unmanaged<nint, ModuleBuffer, void> s_setOperation;
    private static delegate* unmanaged<nint, nint, ModuleBuffer, void> s_log;
    private static delegate* unmanaged<nint, byte, void> s_setSampled;
    private static delegate* unmanaged<nint, ModuleBuffer, EnvoyBuffer*, byte> s_getBaggage;
    private static delegate* unmanaged<nint, EnvoyBuffer*, byte> s_traceId;
    private static delegate* unmanaged<nint, EnvoyBuffer*, byte> s_spanId;
    private static delegate* unmanaged<nint, nint, ModuleBuffer, nint> s_begin;
    private static delegate* unmanaged<nint, void> s_finish;

    /// <summary>The stream's own span; 0 when Envoy does not trace it.</summary>
    internal static nint Active(nint filter)
    {
        if (s_active == null)
        {
            s_active = (delegate* unmanaged<nint, nint>)Callback.Find("http_get_active_span");
        }

        return s_active(filter);
    }

    internal static void SetTag(nint span, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (s_setTag == null)
        {
            s_setTag = (delegate* unmanaged<nint, ModuleBuffer, ModuleBuffer, void>)Callback.Find("http_span_set_tag");
        }

        SetPair(s_setTag, span, key, value);
    }

    internal static void SetBaggage(nint span, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (s_setBaggage == null)
        {
            s_setBaggage = (delegate* unmanaged<nint, ModuleBuffer, ModuleBuffer, void>)Callback.Find("http_span_set_baggage");
        }

        SetPair(s_setBaggage, span, key, value);
    }

    internal static void SetOperation(nint span, ReadOnlySpan<byte> name)
    {
        if (s_setOperation == null)
        {
            s_setOperation = (delegate* unmanaged<nint, ModuleBuffer, void>)Callback.Find("http_span_set_operation");
        }

        fixed (byte* bytes = name)
        {
            s_setOperation(span, new(bytes, (nuint)name.Length));
        }
    }

    internal static void Log(nint filter, nint span, ReadOnlySpan<byte> message)
    {
        if (s_log == null)
        {
            s_log = (delegate* unmanaged<nint, nint, ModuleBuffer, void>)Callback.Find("http_span_log");
        }

        fixed (byte* bytes = message)
        {
            s_log(filter, span, new(bytes, (nuint)message.Length));
        }
    }

    internal static void SetSampled(nint span, bool sampled)
    {
        if (s_setSampled == null)
        {
            s_setSampled = (delegate* unmanaged<nint, byte, void>)Callback.Find("http_span_set_sampled");
        }

        s_setSampled(span, sampled ? (byte)1 : (byte)0);
    }

    internal static bool TryGetBaggage(nint span, ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        if (s_getBaggage == null)
        {
            s_getBaggage = (delegate* unmanaged<nint, ModuleBuffer, EnvoyBuffer*, byte>)Callback.Find("http_span_get_baggage");
        }

        EnvoyBuffer found = default;
        fixed (byte* bytes = key)
        {
            bool ok = s_getBaggage(span, new(bytes, (nuint)key.Length), &found) != 0;
            value = ok ? found.Span : default;
            return ok;
        }
    }

    internal static bool TryGetTraceId(nint span, out ReadOnlySpan<byte> id)
    {
        if (s_traceId == null)
        {
            s_traceId = (delegate* unmanaged<nint, EnvoyBuffer*, byte>)Callback.Find("http_span_get_trace_id");
        }

        return TryGetId(s_traceId, span, out id);
    }

    internal static bool TryGetSpanId(nint span, out ReadOnlySpan<byte> id)
    {
        if (s_spanId == null)
        {
            s_spanId = (delegate* unmanaged<nint, EnvoyBuffer*, byte>)Callback.Find("http_span_get_span_id");
        }

        return TryGetId(s_spanId, span, out id);
    }

    /// <summary>Begins a span within another; 0 when the tracer begins none. It is the module's until <see cref="Finish"/>.</summary>
    internal static nint Begin(nint filter, nint parent, ReadOnlySpan<byte> operation)
    {
        if (s_begin == null)
        {
            // Whoever begins one has to be able to end it.
            s_finish = (delegate* unmanaged<nint, void>)Callback.Find("http_child_span_finish");
            s_begin = (delegate* unmanaged<nint, nint, ModuleBuffer, nint>)Callback.Find("http_span_spawn_child");
        }

        fixed (byte* bytes = operation)
        {
            return s_begin(filter, parent, new(bytes, (nuint)operation.Length));
        }
    }

    /// <summary>Ends a span that <see cref="Begin"/> gave, and frees it.</summary>
    internal static void Finish(nint span) => s_finish(span);

    private static void SetPair(delegate* unmanaged<nint, ModuleBuffer, ModuleBuffer, void> set, nint span, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        fixed (byte* keyBytes = key, bytes = value)
        {
            set(span, new(keyBytes, (nuint)key.Length), new(bytes, (nuint)value.Length));
        }
    }

    private static bool TryGetId(delegate* unmanaged<nint, EnvoyBuffer*, byte> get, nint span, out ReadOnlySpan<byte> id)
    {
        EnvoyBuffer found = default;
        bool ok = get(span, &found) != 0;
        id = ok ? found.Span : default;
        return ok;
    }
}
