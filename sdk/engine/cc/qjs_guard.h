/*
 * Included before every file of QuickJS (sdk/build/build.rs). Two properties of the C code hang on platform macros that are
 * wrong for this engine:
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
