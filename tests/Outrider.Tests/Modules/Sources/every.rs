// A module without crates: what a stranger would write against the ABI with nothing but the compiler. Linked with BIND_NOW, as
// Rust's are.
#![allow(non_snake_case)]
use std::ffi::c_void;
use std::time::Duration;

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Buffer { data: *const u8, length: usize }

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Header { name: *const u8, name_length: usize, value: *const u8, value_length: usize }

extern "C" {
    fn envoy_dynamic_module_callback_http_get_header(stream: *mut c_void, map: u32, name: Buffer, value: *mut Buffer, index: usize, count: *mut usize) -> bool;
    fn envoy_dynamic_module_callback_http_set_header(stream: *mut c_void, map: u32, name: Buffer, value: Buffer) -> bool;
    fn envoy_dynamic_module_callback_http_get_body_size(stream: *mut c_void, body: u32) -> usize;
    fn envoy_dynamic_module_callback_http_get_body_chunks_size(stream: *mut c_void, body: u32) -> usize;
    fn envoy_dynamic_module_callback_http_get_body_chunks(stream: *mut c_void, body: u32, chunks: *mut Buffer) -> bool;
    fn envoy_dynamic_module_callback_http_append_body(stream: *mut c_void, body: u32, data: Buffer) -> bool;
    fn envoy_dynamic_module_callback_http_drain_body(stream: *mut c_void, body: u32, count: usize) -> bool;
    fn envoy_dynamic_module_callback_http_send_response(stream: *mut c_void, status: u32, headers: *const Header, count: usize, body: Buffer, details: Buffer);
    fn envoy_dynamic_module_callback_http_filter_scheduler_new(stream: *mut c_void) -> *mut c_void;
    fn envoy_dynamic_module_callback_http_filter_scheduler_commit(scheduler: *mut c_void, event: u64);
    fn envoy_dynamic_module_callback_http_filter_scheduler_delete(scheduler: *mut c_void);
    fn envoy_dynamic_module_callback_http_filter_continue_decoding(stream: *mut c_void);
}

fn buffer(bytes: &[u8]) -> Buffer { Buffer { data: bytes.as_ptr(), length: bytes.len() } }

unsafe fn slice<'a>(b: Buffer) -> &'a [u8] { if b.length == 0 { &[] } else { std::slice::from_raw_parts(b.data, b.length) } }

struct Config { name: String }
struct Filter { config: *const Config }

#[no_mangle]
pub extern "C" fn envoy_dynamic_module_on_program_init() -> *const u8 { b"v0.2.0\0".as_ptr() }

#[no_mangle]
pub unsafe extern "C" fn envoy_dynamic_module_on_http_filter_config_new(_host: *mut c_void, name: Buffer, _config: Buffer) -> *const c_void {
    Box::into_raw(Box::new(Config { name: String::from_utf8_lossy(slice(name)).into_owned() })) as *const c_void
}

#[no_mangle]
pub unsafe extern "C" fn envoy_dynamic_module_on_http_filter_config_destroy(config: *mut c_void) { drop(Box::from_raw(config as *mut Config)); }

#[no_mangle]
pub unsafe extern "C" fn envoy_dynamic_module_on_http_filter_new(config: *const c_void, _stream: *mut c_void) -> *const c_void {
    Box::into_raw(Box::new(Filter { config: config as *const Config })) as *const c_void
}

#[no_mangle]
pub unsafe extern "C" fn envoy_dynamic_module_on_http_filter_destroy(filter: *mut c_void) { drop(Box::from_raw(filter as *mut Filter)); }

unsafe fn name<'a>(filter: *const c_void) -> &'a str { &(*(*(filter as *const Filter)).config).name }

struct Scheduler(*mut c_void);
unsafe impl Send for Scheduler {}

#[no_mangle]
pub unsafe extern "C" fn envoy_dynamic_module_on_http_filter_request_headers(stream: *mut c_void, filter: *const c_void, end: bool) -> u32 {
    match name(filter) {
        "headers" => {
            let mut value = Buffer { data: std::ptr::null(), length: 0 };
            envoy_dynamic_module_callback_http_get_header(stream, 0, buffer(b"x-in"), &mut value, 0, std::ptr::null_mut());
            let seen = [b"rust saw ", slice(value)].concat();
            envoy_dynamic_module_callback_http_set_header(stream, 0, buffer(b"x-seen"), buffer(&seen));
            0
        }
        "reply" => {
            let own = Header { name: b"x-own".as_ptr(), name_length: 5, value: b"rust".as_ptr(), value_length: 4 };
            envoy_dynamic_module_callback_http_send_response(stream, 403, &own, 1, buffer(b"not today"), buffer(b"rust"));
            1
        }
        "reverse" => if end { 0 } else { 1 },
        "wait" => {
            let scheduler = Scheduler(envoy_dynamic_module_callback_http_filter_scheduler_new(stream));
            std::thread::spawn(move || {
                let scheduler = scheduler;
                std::thread::sleep(Duration::from_millis(5));
                envoy_dynamic_module_callback_http_filter_scheduler_commit(scheduler.0, 42);
                envoy_dynamic_module_callback_http_filter_scheduler_delete(scheduler.0);
            });
            4
        }
        _ => 0,
    }
}

#[no_mangle]
pub unsafe extern "C" fn envoy_dynamic_module_on_http_filter_request_body(stream: *mut c_void, filter: *const c_void, end: bool) -> u32 {
    if name(filter) != "reverse" { return 0; }
    if !end { return 1; }
    let kind = if envoy_dynamic_module_callback_http_get_body_size(stream, 1) > 0 { 1 } else { 0 };
    let count = envoy_dynamic_module_callback_http_get_body_chunks_size(stream, kind);
    let mut chunks = vec![Buffer { data: std::ptr::null(), length: 0 }; count];
    envoy_dynamic_module_callback_http_get_body_chunks(stream, kind, chunks.as_mut_ptr());
    let mut bytes: Vec<u8> = chunks.iter().flat_map(|c| slice(*c).to_vec()).collect();
    bytes.reverse();
    envoy_dynamic_module_callback_http_drain_body(stream, kind, bytes.len());
    envoy_dynamic_module_callback_http_append_body(stream, kind, buffer(&bytes));
    0
}

#[no_mangle]
pub unsafe extern "C" fn envoy_dynamic_module_on_http_filter_scheduled(stream: *mut c_void, _filter: *const c_void, event: u64) {
    let value = event.to_string();
    envoy_dynamic_module_callback_http_set_header(stream, 0, buffer(b"x-event"), buffer(value.as_bytes()));
    envoy_dynamic_module_callback_http_filter_continue_decoding(stream);
}
