/*
 * The signal by which .NET stops its threads for a collection (SIGRTMIN), beside a runtime of Go's in the same process.
 *
 * Go puts every handler that it finds on the alternate stack (initsig and setsigstack in its runtime/signal_unix.go). .NET's then overflows the 16 KiB that .NET
 * gives a thread for that, and the process dies (dotnet/runtime #127320). Off the alternate stack it would be no better: a thread that is inside of Go
 * runs on stacks that begin with 4 KiB. So a handler of ours comes before .NET's. On the alternate stack it goes over to the stack that was
 * interrupted, where .NET's would have run without Go; and where that is none of the thread's own, the thread is in Go, which .NET has nothing to ask of: a
 * thread outside of managed code counts as stopped.
 *
 * .NET's handler for a null reference leaves the alternate stack as well, for the thread's own, lets the signal above come again, and still reads what the kernel wrote there.
 * That signal must not begin at the top of the same stack: so alternate stacks disarm themselves (SS_AUTODISARM, sigaltstack(2)) while a handler is on them. As .NET
 * never returns from that one, they are armed again for the next stream.
 */

#ifndef OUTRIDER_SUSPENSION_H
#define OUTRIDER_SUSPENSION_H

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <ucontext.h>

#ifndef SS_AUTODISARM
#define SS_AUTODISARM (1U << 31)
#endif

typedef void (*suspension_fn)(int, siginfo_t *, void *);

static suspension_fn suspension_of_dotnet;

/* The first thread's stack. Each other thread has its control block at the upper end of its stack (glibc and musl alike). */
static uintptr_t first_low, first_high;

/* More than any thread's stack, and far less than what lies between one and Go's heap (0xc000000000). */
#define LARGEST_STACK ((uintptr_t) 1 << 30)
/* What the compiler may use below the stack pointer (System V ABI: 128 bytes), and room beside it. */
#define RED_ZONE 256

static bool is_of_this_thread(uintptr_t pointer)
{
    uintptr_t control = (uintptr_t) __builtin_thread_pointer();
    return (pointer >= first_low && pointer < first_high) || (pointer < control && control - pointer < LARGEST_STACK);
}

static uintptr_t interrupted_stack(const ucontext_t *context)
{
#if defined(__x86_64__)
    return (uintptr_t) context->uc_mcontext.gregs[REG_RSP];
#elif defined(__aarch64__)
    return (uintptr_t) context->uc_mcontext.sp;
#else
#error "which register is the stack pointer here?"
#endif
}

/* Calls a function on another stack of this thread. */
static void call_on(uintptr_t stack, suspension_fn function, int number, siginfo_t *info, void *context)
{
#if defined(__x86_64__)
    register uintptr_t kept __asm__("rbx");
    __asm__ volatile(
        "movq %%rsp, %%rbx\n\t"
        "movq %[stack], %%rsp\n\t"
        "call *%[function]\n\t"
        "movq %%rbx, %%rsp"
        : "=&r"(kept), "+D"(number), "+S"(info), "+d"(context)
        : [stack] "r"(stack), [function] "r"(function)
        : "rax", "rcx", "r8", "r9", "r10", "r11", "memory", "cc",
          "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
#elif defined(__aarch64__)
    register uintptr_t kept __asm__("x19");
    register uintptr_t first __asm__("x0") = (uintptr_t) number;
    register uintptr_t second __asm__("x1") = (uintptr_t) info;
    register uintptr_t third __asm__("x2") = (uintptr_t) context;
    __asm__ volatile(
        "mov x19, sp\n\t"
        "mov sp, %[stack]\n\t"
        "blr %[function]\n\t"
        "mov sp, x19"
        : "=&r"(kept), "+r"(first), "+r"(second), "+r"(third)
        : [stack] "r"(stack), [function] "r"(function)
        : "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16", "x17", "x18", "x30", "memory", "cc",
          "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v16", "v17", "v18", "v19", "v20", "v21", "v22", "v23", "v24", "v25", "v26", "v27", "v28", "v29", "v30", "v31");
#endif
}

static bool is_within(const stack_t *stack, uintptr_t pointer)
{
    return !(stack->ss_flags & SS_DISABLE) && pointer - (uintptr_t) stack->ss_sp < stack->ss_size;
}

static void on_suspension(int number, siginfo_t *info, void *context)
{
    uintptr_t interrupted = interrupted_stack(context);
    /* As it was when the signal came, and will be when this returns. */
    stack_t *alternate = &((ucontext_t *) context)->uc_stack;

    if (!is_of_this_thread(interrupted) || is_within(alternate, interrupted)) {
        return;
    }
    if (!is_within(alternate, (uintptr_t) __builtin_frame_address(0))) {
        suspension_of_dotnet(number, info, context);
    } else {
        alternate->ss_flags |= SS_AUTODISARM;
        call_on((interrupted - RED_ZONE) & ~(uintptr_t) 15, suspension_of_dotnet, number, info, context);
    }
}

/* Go has a handler for SIGURG, by which it stops its own threads; nobody else has one on the alternate stack. */
static bool is_go_here(void)
{
    struct sigaction urgent;
    return sigaction(SIGURG, NULL, &urgent) == 0 && (urgent.sa_flags & SA_SIGINFO) && urgent.sa_sigaction && (urgent.sa_flags & SA_ONSTACK);
}

/* A stream begins on this thread: its alternate stack disarms itself, and is armed. Costs a system call where Go is there, and nothing where it is not. */
static void arm_alternate_stack(void)
{
    static bool is_needed;
    static __thread unsigned streams;
    static __thread stack_t own;
    stack_t now;

    if (!is_needed) {
        /* It may come with any configuration. */
        if (streams++ % 64 != 0 || !is_go_here()) {
            return;
        }
        is_needed = true;
    }
    if (sigaltstack(NULL, &now) != 0 || (now.ss_flags & SS_ONSTACK)) {
        return;
    }
    if (now.ss_flags & SS_DISABLE) {
        if (own.ss_sp) {
            sigaltstack(&own, NULL);
        }
    } else if (!(now.ss_flags & SS_AUTODISARM)) {
        own = now;
        own.ss_flags = SS_AUTODISARM;
        sigaltstack(&own, NULL);
    }
}

/* .NET has started: from now on ours comes before its handler. On the thread that loaded the module. */
static void guard_suspension(void)
{
    /* What a thread brings on itself cannot wait. */
    static const int faults[] = { SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS };
    struct sigaction action;
    pthread_attr_t attributes;
    void *stack;
    size_t size;

    if (sigaction(SIGRTMIN, NULL, &action) != 0 || !(action.sa_flags & SA_SIGINFO) || !action.sa_sigaction) {
        return;
    }
    if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
        if (pthread_attr_getstack(&attributes, &stack, &size) == 0) {
            first_low = (uintptr_t) stack;
            first_high = first_low + size;
        }
        pthread_attr_destroy(&attributes);
    }

    suspension_of_dotnet = action.sa_sigaction;
    action.sa_sigaction = on_suspension;
    /* Where Go comes later, it does that by itself. */
    action.sa_flags |= is_go_here() ? SA_ONSTACK : 0;
    /* One at a time: .NET's own handler does not expect more. */
    sigfillset(&action.sa_mask);
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        sigdelset(&action.sa_mask, faults[i]);
    }
    sigaction(SIGRTMIN, &action, NULL);
}

#endif
