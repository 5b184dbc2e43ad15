/* Keys, as `alerts.matching.index` has them: the sum of a number for each byte, weighed by its place. */
#ifndef ALERTS_KEYS_H
#define ALERTS_KEYS_H

#include "native.h"

#define BASE_WEIGHT 0x9E3779B97F4A7C15u

typedef struct {
    uint64_t of_byte[256], of_place[FORM_MAX + 2], unbase;
} Sums;

int sums_from(PyObject *about, Sums *sums); /* -1 with an exception set */

/* The keys of a text, and of what is left of it without one letter, or two where depth is 2, into an array with room for `worn_count`. */
int worn_count(int size, int depth);
void worn_keys(const Sums *sums, char kind, const char *letters, int size, int depth, uint64_t *keys);

static inline uint64_t key_of(const Sums *sums, char kind, const char *letters, int size)
{
    uint64_t key = sums->of_byte[(uint8_t)kind];
    for (int at = 0; at < size; at++)
        key += sums->of_byte[(uint8_t)letters[at]] * sums->of_place[at + 1];
    return key;
}

#endif
