/*
 * Included before every file of QuickJS (sdk/build/build.rs), to bend it in nine places. Two hang on platform macros that are wrong
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
 * ouro_describe_stack() (src/js/stack.rs) stores it in its own way, unless the text is of Error.prepareStackTrace's making.
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

/*
 * The fifth: a function that is registered as a promise's reaction, by `then` or by `await`, or as the `then` of a foreign promise, runs
 * in the context in which it was registered (src/js/context.rs). QuickJS's promise hook does not tell when a reaction runs. Where
 * nothing tracks contexts this costs the look at one variable. Again the first token tells calls from declarations.
 */
extern bool ouro_context_tracked;
uint64_t ouro_context_bind(void *context, uint64_t function);

#define perform_promise_then(first, ...) OURO_THEN_##first, __VA_ARGS__)
#define OURO_THEN_JSContext perform_promise_then(JSContext
#define OURO_THEN_ctx ouro_perform_then(ctx
#define ouro_perform_then(ctx, promise, handlers, capability) ({                                     \
    JSValueConst *ouro_handlers = (handlers);                                                        \
    int ouro_result;                                                                                 \
    if (!ouro_context_tracked) {                                                                     \
        ouro_result = (perform_promise_then)(ctx, promise, ouro_handlers, capability);               \
    } else {                                                                                         \
        JSValue ouro_bound[2];                                                                       \
        ouro_bound[0] = ouro_context_bind(ctx, ouro_handlers[0]);                                    \
        ouro_bound[1] = ouro_context_bind(ctx, ouro_handlers[1]);                                    \
        ouro_result = (perform_promise_then)(ctx, promise, vc(ouro_bound), capability);              \
        JS_FreeValue(ctx, ouro_bound[0]);                                                            \
        JS_FreeValue(ctx, ouro_bound[1]);                                                            \
    }                                                                                                \
    ouro_result;                                                                                     \
})

#define JS_EnqueueJob(first, ...) OURO_JOB_##first, __VA_ARGS__)
#define OURO_JOB_JSContext JS_EnqueueJob(JSContext
#define OURO_JOB_fre (JS_EnqueueJob)(fre
#define OURO_JOB_ctx ouro_enqueue_job(ctx
#define ouro_enqueue_job(ctx, job, argc, argv) ({                                                    \
    JSValueConst *ouro_argv = (argv);                                                                \
    int ouro_enqueued;                                                                               \
    if (!ouro_context_tracked || (job) != js_promise_resolve_thenable_job) {                         \
        ouro_enqueued = (JS_EnqueueJob)(ctx, job, argc, ouro_argv);                                  \
    } else {                                                                                         \
        JSValue ouro_then = ouro_context_bind(ctx, ouro_argv[2]);                                    \
        JSValueConst ouro_arguments[3] = { ouro_argv[0], ouro_argv[1], ouro_then };                  \
        ouro_enqueued = (JS_EnqueueJob)(ctx, job, argc, ouro_arguments);                             \
        JS_FreeValue(ctx, ouro_then);                                                                \
    }                                                                                                \
    ouro_enqueued;                                                                                   \
})

/*
 * The sixth: the parser tells where the text of each function is (src/js/source.rs). It copies that text at three places, which the first
 * token of the length tells from the fourth call of js_strndup() and from its definition.
 */
void ouro_note_source(int line, int column, const uint8_t *begin, const char *text, size_t length);

#define js_strndup(first, text, length) OURO_COPY_##length, first, text, length)
#define OURO_COPY_fd ouro_copy_source(fd, fd
#define OURO_COPY_ctor_fd ouro_copy_source(ctor_fd, ctor_fd
#define OURO_COPY_strlen ouro_copy(strlen
#define OURO_COPY_size_t ouro_copy(size_t
#define ouro_copy(again, first, text, length) (js_strndup)(first, text, length)
#define ouro_copy_source(function, again, ctx, text, length)                                         \
    (ouro_note_source((function)->line_num, (function)->col_num, s->buf_start, text, length),        \
     (js_strndup)(ctx, text, length))

/*
 * The seventh: JSON (src/js/json/plain.rs) makes and reads the members of ordinary objects where QuickJS keeps them, which its public
 * functions do not offer: each of those looks one member up. What is needed stands in front of a function that has one definition, and is
 * otherwise named without arguments. An object is plain when it is of the class Object and all its members are ordinary ones: enumerable,
 * writable, without accessor, and with names that are neither symbols nor indexes. A shape that is held does not change: QuickJS then gives an
 * object that changes another one. At the same place the runtime gets its memory functions (src/js/memory.rs).
 */
#define js_json_stringify(...)                                                                       \
    ouro_like(JSContext *ctx, JSShape *shape, JSProperty *members)                                   \
    {                                                                                                \
        return JS_NewObjectFromShape(ctx, js_dup_shape(shape), JS_CLASS_OBJECT, members);            \
    }                                                                                                \
    /* An object with this shape. It takes the members, also where it cannot be made. */             \
    uint64_t ouro_object_like(JSContext *ctx, JSShape *shape, JSProperty *members)                   \
    {                                                                                                \
        return ouro_like(ctx, shape, members);                                                       \
    }                                                                                                \
    /* The shape of an object of the class Object, which the caller does not hold, or NULL. */       \
    JSShape *ouro_shape_of(uint64_t value)                                                           \
    {                                                                                                \
        JSObject *object = JS_VALUE_GET_OBJ(value);                                                  \
        bool is_ordinary = object->class_id == JS_CLASS_OBJECT && !object->is_exotic;                \
        return is_ordinary ? object->shape : NULL;                                                   \
    }                                                                                                \
    /* Counts the members, all of which are plain; else -1. A shape outside of the table may change. */ \
    int ouro_shape_count(JSContext *ctx, JSShape *shape)                                             \
    {                                                                                                \
        uint32_t index;                                                                              \
        if (!shape->is_hashed || shape->deleted_prop_count > 0)                                      \
            return -1;                                                                               \
        for (int at = 0; at < shape->prop_count; at++) {                                             \
            JSShapeProperty *member = &shape->prop[at];                                              \
            if (member->flags != JS_PROP_C_W_E || JS_AtomIsArrayIndex(ctx, &index, member->atom)     \
                || JS_AtomGetKind(ctx, member->atom) != JS_ATOM_KIND_STRING)                         \
                return -1;                                                                           \
        }                                                                                            \
        return shape->prop_count;                                                                    \
    }                                                                                                \
    JSAtom ouro_shape_name(JSShape *shape, int at) { return shape->prop[at].atom; }                  \
    void ouro_hold_shape(JSShape *shape) { js_dup_shape(shape); }                                    \
    void ouro_free_shape(JSContext *ctx, JSShape *shape) { js_free_shape(ctx->rt, shape); }          \
    /* The values of the members while the object has this shape, else NULL; until JavaScript runs. */ \
    const JSProperty *ouro_members(uint64_t value, const JSShape *shape)                             \
    {                                                                                                \
        JSObject *object = JS_VALUE_GET_OBJ(value);                                                  \
        return object->shape == shape ? object->prop : NULL;                                         \
    }                                                                                                \
    /* The elements of an array without holes, until JavaScript runs; of anything else none. */      \
    const uint64_t *ouro_elements(uint64_t value, uint32_t *count)                                   \
    {                                                                                                \
        JSObject *object = JS_VALUE_GET_OBJ(value);                                                  \
        bool is_plain = object->class_id == JS_CLASS_ARRAY && object->fast_array;                    \
        *count = is_plain ? object->u.array.count : 0;                                               \
        return is_plain ? object->u.array.u.values : NULL;                                           \
    }                                                                                                \
    /* Neither the object nor what it inherits from has the property; false where only asking would tell. */ \
    bool ouro_lacks(uint64_t value, JSAtom name)                                                     \
    {                                                                                                \
        for (JSObject *object = JS_VALUE_GET_OBJ(value); object; object = object->shape->proto) {    \
            if (object->is_exotic && object->class_id != JS_CLASS_ARRAY)                             \
                return false;                                                                        \
            if (find_own_property1(object, name))                                                    \
                return false;                                                                        \
        }                                                                                            \
        return true;                                                                                 \
    }                                                                                                \
    /* The characters of a string that has one byte for each, else NULL. */                          \
    const uint8_t *ouro_latin1(uint64_t value, uint32_t *length)                                     \
    {                                                                                                \
        if (JS_VALUE_GET_TAG(value) != JS_TAG_STRING)                                                \
            return NULL;                                                                             \
        JSString *string = JS_VALUE_GET_STRING(value);                                               \
        *length = string->len;                                                                       \
        return string->is_wide_char ? NULL : str8(string);                                           \
    }                                                                                                \
    uint64_t ouro_ascii_string(JSContext *ctx, const uint8_t *text, uint32_t length)                 \
    {                                                                                                \
        if (length > JS_STRING_LEN_MAX)                                                              \
            return JS_ThrowRangeError(ctx, "invalid string length");                                 \
        JSString *string = js_alloc_string(ctx, length, 0);                                          \
        if (!string)                                                                                 \
            return JS_EXCEPTION;                                                                     \
        memcpy(str8(string), text, length);                                                          \
        str8(string)[length] = '\0';                                                                 \
        return JS_MKPTR(JS_TAG_STRING, string);                                                      \
    }                                                                                                \
    void ouro_set_allocator(JSRuntime *rt, const JSMallocFunctions *functions)                       \
    {                                                                                                \
        rt->mf = *functions;                                                                         \
    }                                                                                                \
    /*                                                                                               \
     * The eighth: what the prelude names `_name` is its own (src/js/hidden.rs). All such names that there are become names as `#name` \
     * makes them, which no key is and nothing lists; whoever writes `_name` from then on has another one. \
     */                                                                                              \
    void ouro_hide_names(JSContext *ctx)                                                             \
    {                                                                                                \
        JSRuntime *rt = ctx->rt;                                                                     \
        for (uint32_t i = JS_ATOM_END; i < rt->atom_size; i++) {                                     \
            JSAtomStruct *name = rt->atom_array[i];                                                  \
            if (atom_is_free(name) || name->atom_type != JS_ATOM_TYPE_STRING || name->is_wide_char || name->len < 2) \
                continue;                                                                            \
            const uint8_t *text = str8(name);                                                        \
            if (text[0] != '_' || text[1] < 'a' || text[1] > 'z')                                    \
                continue;                                                                            \
            uint32_t *link = &rt->atom_hash[name->hash & (rt->atom_hash_size - 1)];                  \
            while (*link != i)                                                                       \
                link = &rt->atom_array[*link]->hash_next;                                            \
            *link = name->hash_next;                                                                 \
            name->hash_next = i;                                                                     \
            name->hash = JS_ATOM_HASH_PRIVATE;                                                       \
            name->atom_type = JS_ATOM_TYPE_SYMBOL;                                                   \
        }                                                                                            \
    }                                                                                                \
    static JSValue js_json_stringify(__VA_ARGS__)

/*
 * The ninth: QuickJS asks for the size of each block that it makes or frees through a pointer. It stands in front of the block
 * (src/js/memory.rs). The first token tells the calls through the pointer from the function of the same name.
 */
#define js_malloc_usable_size(first, ...) OURO_USABLE_##first __VA_OPT__(,) __VA_ARGS__)
#define OURO_USABLE_JSContext js_malloc_usable_size(JSContext
#define OURO_USABLE_ctx js_malloc_usable_size(ctx
#define OURO_USABLE_rt OURO_USABLE_SIZE(rt
#define OURO_USABLE_ptr OURO_USABLE_SIZE(ptr
_Static_assert(sizeof(size_t) == 4, "the size stands eight bytes in front of its block");
#define OURO_USABLE_SIZE(block) js_malloc_usable_size == NULL ? 0 : ((const size_t *)(block))[-2]
