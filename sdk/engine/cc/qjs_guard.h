/*
 * Included before every file of QuickJS (sdk/build/build.rs), to bend it in four places. Two hang on platform macros that are wrong
 * for this engine:
 *
 * - __wasi__ turns the limit of the stack off, so that deep recursion would trap instead of throwing a RangeError;
 * - EMSCRIPTEN, which the build script of rquickjs-sys defines, turns the interpreter's loop into one big switch, which is slower
 *   than a jump from each instruction to the next.
 *
 * Both go, after the C library's headers have seen them. __DJGPP names a platform without threads and atomics, which holds here.
 */
#include <alloca.h>
#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <fenv.h>
#include <inttypes.h>
#include <limits.h>
#include <malloc.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#undef __wasi__
#undef EMSCRIPTEN
#define __DJGPP 2

/*
 * The third: QuickJS gives `error.stack` the frames alone, and everyone else expects `Name: message` in front. build_backtrace() has the
 * finished text in `stack` when it asks can_add_backtrace(error_obj), which nobody else does, whether to store it; there
 * ouro_describe_stack() (src/js/stack.rs) puts the description in front, unless the text is of Error.prepareStackTrace's making.
 * The first token of the argument tells the question from the definition of the function.
 */
bool ouro_describe_stack(void *context, uint64_t error, uint64_t *stack);

#define can_add_backtrace(value) OURO_CAN_ADD_##value)
#define OURO_CAN_ADD_JSValueConst can_add_backtrace(JSValueConst
#define OURO_CAN_ADD_error_obj (can_add_backtrace)(error_obj) && (has_prepare || ouro_describe_stack(ctx, error_obj, &stack))&&(true

/*
 * The fourth: an iterator that asks another built-in one for its next value calls it directly, without a look at the stack, so that a
 * long chain of `Iterator.prototype.map` would trap. The calls have this one form.
 */
#define iterator_next(context, receiver, argc, argv, done, magic)                                                    \
    iterator_next == NULL ? JS_EXCEPTION                                                                             \
    : js_check_stack_overflow((context)->rt, 0) ? (*(done) = 0, JS_ThrowStackOverflow(context))                      \
                                                : func.iterator_next(context, receiver, argc, argv, done, magic)
