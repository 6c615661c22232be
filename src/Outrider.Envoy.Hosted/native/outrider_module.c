/*
 * liboutrider.so: a module for Envoy, or for whatever else speaks its dynamic-module ABI, that starts .NET in the process and hands each call of the
 * host on to it. Which filters there are, and what they do, is in C#; here is only what has to be there before .NET is.
 *
 * .NET is found by hostfxr, its own library for that (docs/design/features/native-hosting.md of dotnet/runtime), whose declarations are repeated
 * here in our words, so that a compiler is all that the build needs.
 */

#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "suspension.h"

#define EXPORT __attribute__((visibility("default")))
#define PREFIX "envoy_dynamic_module_on_"

/* What passes by value: a pointer and a length. */
typedef struct { const char *data; size_t length; } buffer_t;

/* hostfxr.h */
typedef void *hostfxr_handle;
struct hostfxr_initialize_parameters { size_t size; const char *host_path; const char *dotnet_root; };
typedef int32_t (*hostfxr_initialize_fn)(const char *, const struct hostfxr_initialize_parameters *, hostfxr_handle *);
typedef int32_t (*hostfxr_get_delegate_fn)(hostfxr_handle, int32_t, void **);
typedef int32_t (*hostfxr_close_fn)(hostfxr_handle);
typedef void (*hostfxr_error_writer_fn)(const char *);
typedef hostfxr_error_writer_fn (*hostfxr_set_error_writer_fn)(hostfxr_error_writer_fn);
typedef int32_t (*load_assembly_fn)(const char *, const char *, const char *, const char *, void *, void **);
enum { load_assembly_and_get_function_pointer = 5 };
#define UNMANAGEDCALLERSONLY ((const char *) -1)

/* What .NET writes its functions to. */
typedef struct { const char *name; void **function; } hook_t;
typedef intptr_t (*start_fn)(hook_t *, size_t);

static char reason[4096];

static void say(const char *format, ...)
{
    char line[4096 + 256];
    va_list arguments;
    void (*log)(int, buffer_t) = (void (*)(int, buffer_t)) dlsym(RTLD_DEFAULT, "envoy_dynamic_module_callback_log");

    va_start(arguments, format);
    vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    if (log) {
        buffer_t text = { line, strlen(line) };
        log(4 /* error */, text);
    } else {
        fprintf(stderr, "%s\n", line);
    }
}

static void keep_reason(const char *line)
{
    size_t used = strlen(reason);
    snprintf(reason + used, sizeof(reason) - used, "%s%s", used ? " " : "", line);
}

static bool exists(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0;
}

/* Compares "10.0.2" and "9.0.11" as numbers; what follows a dash is a version before it. */
static int compare_versions(const char *a, const char *b)
{
    for (int i = 0; i < 3; i++) {
        char *after_a, *after_b;
        long of_a = strtol(a, &after_a, 10), of_b = strtol(b, &after_b, 10);
        if (of_a != of_b) {
            return of_a < of_b ? -1 : 1;
        }
        a = *after_a == '.' ? after_a + 1 : after_a;
        b = *after_b == '.' ? after_b + 1 : after_b;
    }
    return (*a == 0) - (*b == 0);
}

/* The newest hostfxr of an installation of .NET. */
static bool find_hostfxr(const char *root, char *path, size_t size)
{
    char folder[PATH_MAX], best[256] = "";
    DIR *versions;
    struct dirent *entry;

    snprintf(folder, sizeof(folder), "%s/host/fxr", root);
    versions = opendir(folder);
    if (!versions) {
        return false;
    }
    while ((entry = readdir(versions)) != NULL) {
        if (entry->d_name[0] >= '0' && entry->d_name[0] <= '9' && strlen(entry->d_name) < sizeof(best)
            && (best[0] == 0 || compare_versions(entry->d_name, best) > 0)) {
            strcpy(best, entry->d_name);
        }
    }
    closedir(versions);
    return best[0] != 0 && snprintf(path, size, "%s/%s/libhostfxr.so", folder, best) < (int) size && exists(path);
}

/* /etc/dotnet/install_location holds the path of one that a package has installed. */
static bool read_location(const char *file, char *root, size_t size)
{
    FILE *stream = fopen(file, "r");
    bool found = stream && fgets(root, (int) size, stream) != NULL;
    if (stream) {
        fclose(stream);
    }
    if (found) {
        root[strcspn(root, "\r\n")] = 0;
    }
    return found && root[0] == '/';
}

static bool find_dotnet(const char *beside, char *root, char *hostfxr, size_t size)
{
    static const char *usual[] = { "/usr/share/dotnet", "/usr/lib/dotnet", "/usr/lib64/dotnet", "/usr/local/share/dotnet", "/opt/dotnet", NULL };
    const char *variables[] = { "OUTRIDER_DOTNET_ROOT", "DOTNET_ROOT", NULL };
    const char *home = getenv("HOME");

    for (int i = 0; variables[i]; i++) {
        const char *given = getenv(variables[i]);
        if (given && given[0]) {
            snprintf(root, size, "%s", given);
            if (find_hostfxr(root, hostfxr, size)) {
                return true;
            }
            say("liboutrider.so: %s is %s, where there is no .NET (no host/fxr/*/libhostfxr.so)", variables[i], given);
        }
        if (i == 0) {
            /* A root of the module's own, for a machine without an installation. */
            snprintf(root, size, "%s/dotnet", beside);
            if (find_hostfxr(root, hostfxr, size)) {
                return true;
            }
        }
    }
    if (read_location("/etc/dotnet/install_location", root, size) && find_hostfxr(root, hostfxr, size)) {
        return true;
    }
    for (int i = 0; usual[i]; i++) {
        snprintf(root, size, "%s", usual[i]);
        if (find_hostfxr(root, hostfxr, size)) {
            return true;
        }
    }
    if (home) {
        snprintf(root, size, "%s/.dotnet", home);
        if (find_hostfxr(root, hostfxr, size)) {
            return true;
        }
    }
    return false;
}

/* Signals that the host serves itself: what .NET's start does to them is taken back. Faults, and the one that it stops its own threads by, are its own. */
static const int hosts_signals[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGPIPE, SIGCHLD, SIGCONT, SIGALRM, SIGWINCH, SIGTSTP, SIGTTIN, SIGTTOU };
enum { signal_count = sizeof(hosts_signals) / sizeof(hosts_signals[0]) };

static intptr_t start(const char *folder, hook_t *hooks, size_t count)
{
    char root[PATH_MAX], library[PATH_MAX], config[PATH_MAX], assembly[PATH_MAX];
    struct sigaction before[signal_count];
    void *fxr, *load = NULL, *entry = NULL;
    hostfxr_handle handle = NULL;
    int32_t code;

    if (!find_dotnet(folder, root, library, sizeof(root))) {
        say("liboutrider.so: there is no .NET: install the .NET 10 runtime, put it into %s/dotnet, or name its folder by DOTNET_ROOT", folder);
        return 0;
    }
    snprintf(config, sizeof(config), "%s/outrider/Outrider.Envoy.Hosted.runtimeconfig.json", folder);
    snprintf(assembly, sizeof(assembly), "%s/outrider/Outrider.Envoy.Hosted.dll", folder);
    if (!exists(config) || !exists(assembly)) {
        say("liboutrider.so: %s is not there: \"outrider envoy module --out DIR\" puts the folder \"outrider\" beside the module", exists(config) ? assembly : config);
        return 0;
    }
    fxr = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    if (!fxr) {
        say("liboutrider.so: %s", dlerror());
        return 0;
    }

    hostfxr_set_error_writer_fn set_error_writer = (hostfxr_set_error_writer_fn) dlsym(fxr, "hostfxr_set_error_writer");
    hostfxr_initialize_fn initialize = (hostfxr_initialize_fn) dlsym(fxr, "hostfxr_initialize_for_runtime_config");
    hostfxr_get_delegate_fn get_delegate = (hostfxr_get_delegate_fn) dlsym(fxr, "hostfxr_get_runtime_delegate");
    hostfxr_close_fn close_handle = (hostfxr_close_fn) dlsym(fxr, "hostfxr_close");
    if (!set_error_writer || !initialize || !get_delegate || !close_handle) {
        say("liboutrider.so: %s is too old", library);
        return 0;
    }

    for (int i = 0; i < signal_count; i++) {
        sigaction(hosts_signals[i], NULL, &before[i]);
    }
    set_error_writer(keep_reason);
    struct hostfxr_initialize_parameters parameters = { sizeof(parameters), NULL, root };
    code = initialize(config, &parameters, &handle);
    /* 1 and 2: .NET runs in this process already. */
    if (code >= 0 && code <= 2) {
        code = get_delegate(handle, load_assembly_and_get_function_pointer, &load);
    }
    if (code == 0 && load) {
        code = ((load_assembly_fn) load)(assembly, "Outrider.Envoy.Hosted.HostedModule, Outrider.Envoy.Hosted", "Start", UNMANAGEDCALLERSONLY, NULL, &entry);
    }
    if (handle) {
        close_handle(handle);
    }
    set_error_writer(NULL);
    for (int i = 0; i < signal_count; i++) {
        sigaction(hosts_signals[i], &before[i], NULL);
    }
    guard_suspension();
    if (code != 0 || !entry) {
        say("liboutrider.so: .NET in %s does not start (0x%x): %s", root, (unsigned) code, reason[0] ? reason : "it says no more");
        return 0;
    }
    return ((start_fn) entry)(hooks, count);
}

/* A hook: the host's function of that name, which calls .NET's. */
#define HOOK(result, name, parameters, arguments)                         \
    static result (*call_##name) parameters;                              \
    EXPORT result envoy_dynamic_module_on_##name parameters { return call_##name arguments; }

typedef uintptr_t object_t;

/*
 * What Envoy holds of a stream, and what it leads to in .NET (StreamCell.cs). Nearly every stream has calls that change nothing, and the way into .NET and
 * back is most of what they would cost. It begins in .NET with the first call that is not one of these.
 */
typedef struct { intptr_t stream; uint8_t skips; uint8_t is_response_over; } cell_t;
typedef struct { cell_t cell; object_t config; } stream_t;
enum { skip_request_rest = 1, skip_response_rest = 2, skip_complete = 4 };
/* Of a head or trailers, and of a body: nothing goes on from here. */
enum { stop = 1, stop_body = 3 };

static uint8_t (*call_begin) (object_t config, object_t envoy, stream_t *stream);

static bool begins(object_t envoy, stream_t *stream)
{
    arm_alternate_stack();
    return call_begin(stream->config, envoy, stream);
}

static inline bool has_begun(object_t envoy, object_t module)
{
    stream_t *stream = (stream_t *) module;
    return __builtin_expect(stream->cell.stream != 0, 1) || begins(envoy, stream);
}

/* A hook of a stream; "stops" is the answer where it could not begin. */
#define STREAM_HOOK(result, name, parameters, arguments, stops)           \
    static result (*call_##name) parameters;                              \
    EXPORT result envoy_dynamic_module_on_##name parameters { return has_begun(envoy, module) ? call_##name arguments : (result) stops; }

#define VOID_HOOK(name)                                                   \
    static void (*call_##name) (object_t envoy, object_t module);         \
    EXPORT void envoy_dynamic_module_on_##name(object_t envoy, object_t module) { if (has_begun(envoy, module)) { call_##name(envoy, module); } }

/* The same where a stream may not need it; 0 tells the host to go on. */
#define REST_HOOK(name, parameters, arguments, passes, stops)             \
    static uint32_t (*call_##name) parameters;                            \
    EXPORT uint32_t envoy_dynamic_module_on_##name parameters { return (passes) ? 0 : has_begun(envoy, module) ? call_##name arguments : stops; }

static inline bool passes_request(object_t module) { return ((stream_t *) module)->cell.skips & skip_request_rest; }

static inline bool passes_response(object_t module, bool end)
{
    cell_t *cell = &((stream_t *) module)->cell;
    if (!(cell->skips & skip_response_rest)) {
        return false;
    }
    cell->is_response_over |= end;
    return true;
}

HOOK(object_t, http_filter_config_new, (object_t envoy, buffer_t name, buffer_t config), (envoy, name, config))
HOOK(void, http_filter_config_destroy, (object_t module), (module))
HOOK(object_t, http_filter_per_route_config_new, (buffer_t name, buffer_t config), (name, config))
HOOK(void, http_filter_per_route_config_destroy, (object_t module), (module))
EXPORT object_t envoy_dynamic_module_on_http_filter_new(object_t config, object_t envoy)
{
    stream_t *stream = malloc(sizeof(*stream));

    (void) envoy;
    if (stream) {
        stream->cell = (cell_t) { 0, 0, 0 };
        stream->config = config;
    }
    return (object_t) stream;
}

static uint32_t (*call_http_filter_request_headers) (object_t envoy, object_t module, bool end);
static uint32_t (*call_begin_request) (object_t config, object_t envoy, stream_t *stream, bool end);
EXPORT uint32_t envoy_dynamic_module_on_http_filter_request_headers(object_t envoy, object_t module, bool end)
{
    stream_t *stream = (stream_t *) module;

    if (stream->cell.stream) {
        return call_http_filter_request_headers(envoy, module, end);
    }
    arm_alternate_stack();
    return call_begin_request(stream->config, envoy, stream, end);
}

REST_HOOK(http_filter_request_body, (object_t envoy, object_t module, bool end), (envoy, module, end), passes_request(module), stop_body)
REST_HOOK(http_filter_request_trailers, (object_t envoy, object_t module), (envoy, module), passes_request(module), stop)
STREAM_HOOK(uint32_t, http_filter_response_headers, (object_t envoy, object_t module, bool end), (envoy, module, end), stop)
REST_HOOK(http_filter_response_body, (object_t envoy, object_t module, bool end), (envoy, module, end), passes_response(module, end), stop_body)
REST_HOOK(http_filter_response_trailers, (object_t envoy, object_t module), (envoy, module), passes_response(module, true), stop)
static void (*call_http_filter_stream_complete) (object_t envoy, object_t module);
EXPORT void envoy_dynamic_module_on_http_filter_stream_complete(object_t envoy, object_t module)
{
    if (!(((stream_t *) module)->cell.skips & skip_complete) && has_begun(envoy, module)) {
        call_http_filter_stream_complete(envoy, module);
    }
}

static void (*call_http_filter_destroy) (object_t module);
EXPORT void envoy_dynamic_module_on_http_filter_destroy(object_t module)
{
    stream_t *stream = (stream_t *) module;

    if (stream->cell.stream) {
        call_http_filter_destroy(module);
    }
    free(stream);
}

HOOK(void, http_filter_scheduled, (object_t envoy, object_t module, uint64_t event), (envoy, module, event))
HOOK(void, http_filter_config_scheduled, (object_t envoy, object_t module, uint64_t event), (envoy, module, event))
HOOK(void, http_filter_http_callout_done, (object_t envoy, object_t module, uint64_t id, uint32_t result, void *headers, size_t header_count, void *slices, size_t slice_count), (envoy, module, id, result, headers, header_count, slices, slice_count))
VOID_HOOK(http_filter_downstream_above_write_buffer_high_watermark)
VOID_HOOK(http_filter_downstream_below_write_buffer_low_watermark)
STREAM_HOOK(uint32_t, http_filter_local_reply, (object_t envoy, object_t module, uint32_t status, buffer_t details, bool reset), (envoy, module, status, details, reset), 0)
HOOK(void, http_filter_http_stream_headers, (object_t envoy, object_t module, uint64_t id, void *headers, size_t count, bool end), (envoy, module, id, headers, count, end))
HOOK(void, http_filter_http_stream_data, (object_t envoy, object_t module, uint64_t id, void *slices, size_t count, bool end), (envoy, module, id, slices, count, end))
HOOK(void, http_filter_http_stream_trailers, (object_t envoy, object_t module, uint64_t id, void *trailers, size_t count), (envoy, module, id, trailers, count))
HOOK(void, http_filter_http_stream_complete, (object_t envoy, object_t module, uint64_t id), (envoy, module, id))
HOOK(void, http_filter_http_stream_reset, (object_t envoy, object_t module, uint64_t id, uint32_t cause), (envoy, module, id, cause))
HOOK(void, http_filter_config_http_callout_done, (object_t envoy, object_t module, uint64_t id, uint32_t result, void *headers, size_t header_count, void *slices, size_t slice_count), (envoy, module, id, result, headers, header_count, slices, slice_count))
HOOK(void, http_filter_config_http_stream_headers, (object_t envoy, object_t module, uint64_t id, void *headers, size_t count, bool end), (envoy, module, id, headers, count, end))
HOOK(void, http_filter_config_http_stream_data, (object_t envoy, object_t module, uint64_t id, void *slices, size_t count, bool end), (envoy, module, id, slices, count, end))
HOOK(void, http_filter_config_http_stream_trailers, (object_t envoy, object_t module, uint64_t id, void *trailers, size_t count), (envoy, module, id, trailers, count))
HOOK(void, http_filter_config_http_stream_complete, (object_t envoy, object_t module, uint64_t id), (envoy, module, id))
HOOK(void, http_filter_config_http_stream_reset, (object_t envoy, object_t module, uint64_t id, uint32_t cause), (envoy, module, id, cause))

/* Not of Envoy's ABI: what a host that knows of it need not call (our nginx module does). */
static uint32_t (*call_needs) (object_t module);
EXPORT uint32_t outrider_module_on_http_filter_config_needs(object_t module) { return call_needs(module); }

#define LINE(name) { PREFIX #name, (void **) &call_##name }

EXPORT const char *envoy_dynamic_module_on_program_init(void)
{
    static hook_t hooks[] = {
        LINE(http_filter_config_new), LINE(http_filter_config_destroy), LINE(http_filter_per_route_config_new), LINE(http_filter_per_route_config_destroy),
        LINE(http_filter_request_headers), LINE(http_filter_request_body), LINE(http_filter_request_trailers),
        LINE(http_filter_response_headers), LINE(http_filter_response_body), LINE(http_filter_response_trailers), LINE(http_filter_stream_complete),
        LINE(http_filter_destroy), LINE(http_filter_scheduled), LINE(http_filter_config_scheduled), LINE(http_filter_http_callout_done),
        LINE(http_filter_downstream_above_write_buffer_high_watermark), LINE(http_filter_downstream_below_write_buffer_low_watermark),
        LINE(http_filter_local_reply), LINE(http_filter_http_stream_headers), LINE(http_filter_http_stream_data), LINE(http_filter_http_stream_trailers),
        LINE(http_filter_http_stream_complete), LINE(http_filter_http_stream_reset), LINE(http_filter_config_http_callout_done),
        LINE(http_filter_config_http_stream_headers), LINE(http_filter_config_http_stream_data), LINE(http_filter_config_http_stream_trailers),
        LINE(http_filter_config_http_stream_complete), LINE(http_filter_config_http_stream_reset),
        { "outrider_module_on_http_filter_config_needs", (void **) &call_needs },
        { "outrider_module_begin", (void **) &call_begin }, { "outrider_module_begin_request", (void **) &call_begin_request },
    };
    Dl_info here;
    char folder[PATH_MAX];

    if (!dladdr((void *) envoy_dynamic_module_on_program_init, &here) || !here.dli_fname || !realpath(here.dli_fname, folder)) {
        say("liboutrider.so does not find itself in the process");
        return NULL;
    }
    /* A runtime has threads that cannot be taken back: the library stays, whatever the host does with its handle. */
    if (!dlopen(here.dli_fname, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE)) {
        say("liboutrider.so cannot be kept in the process: %s", dlerror());
        return NULL;
    }
    *strrchr(folder, '/') = 0;
    return (const char *) start(folder, hooks, sizeof(hooks) / sizeof(hooks[0]));
}
