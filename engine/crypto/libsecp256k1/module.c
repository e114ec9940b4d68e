/* libsecp256k1 and what it asks of a C library, as one WebAssembly module that imports nothing. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * The value, which the compiler may then know nothing of: what follows from it is arithmetic and no branch. For flags
 * that hang on a secret, where build.mjs puts it.
 */
static inline uint32_t hidden(uint32_t value) {
  __asm__("" : "+r"(value));
  return value;
}

#include "src/secp256k1.c"

extern unsigned char __heap_base;
static uintptr_t top = (uintptr_t)&__heap_base;

/* Of a context and of buffers that live as long as the module. A stranger's address past the memory's end traps. */
void *malloc(size_t length) {
  uintptr_t at = (top + 15) & ~(uintptr_t)15;
  top = at + length;
  return (void *)at;
}

void free(void *at) { (void)at; }

void *memcpy(void *restrict to, const void *restrict from, size_t length) {
  return __builtin_memcpy(to, from, length);
}

void *memmove(void *to, const void *from, size_t length) { return __builtin_memmove(to, from, length); }

void *memset(void *at, int byte, size_t length) { return __builtin_memset(at, byte, length); }

__attribute__((no_builtin)) int memcmp(const void *a, const void *b, size_t length) {
  const unsigned char *x = a, *y = b;
  for (size_t i = 0; i < length; i++)
    if (x[i] != y[i]) return x[i] - y[i];
  return 0;
}

_Noreturn void abort(void) { __builtin_trap(); }

void secp256k1_default_illegal_callback_fn(const char *message, void *data) { __builtin_trap(); }

void secp256k1_default_error_callback_fn(const char *message, void *data) { __builtin_trap(); }

/* Below its own frame lies what calls before it left on the stack, secrets among them. */
#define DEEPEST 8192
__attribute__((noinline)) void wipe_stack(void) {
  unsigned char below[DEEPEST];
  memset(below, 0, sizeof below);
  __asm__ volatile("" : : "r"(below) : "memory");
}
