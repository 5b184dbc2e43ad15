/* What of keys is more than a line. */
#include "keys.h"

int sums_from(PyObject *about, Sums *sums)
{
    Py_buffer of_byte;
    PyObject *numbers = PyMapping_GetItemString(about, "of_byte");
    int failed = !numbers || PyObject_GetBuffer(numbers, &of_byte, PyBUF_SIMPLE);
    Py_XDECREF(numbers);
    if (failed)
        return -1;
    failed = of_byte.len != sizeof sums->of_byte;
    if (failed)
        PyErr_SetString(PyExc_ValueError, "of_byte: 256 numbers");
    else
        memcpy(sums->of_byte, of_byte.buf, sizeof sums->of_byte);
    PyBuffer_Release(&of_byte);
    sums->of_place[0] = sums->unbase = 1;
    for (size_t at = 1; at < sizeof sums->of_place / sizeof *sums->of_place; at++)
        sums->of_place[at] = sums->of_place[at - 1] * BASE_WEIGHT;
    for (int each = 0; each < 6; each++) /* Newton: each step doubles the bits of the inverse that are right */
        sums->unbase *= 2 - BASE_WEIGHT * sums->unbase;
    return failed ? -1 : 0;
}

int worn_count(int size, int depth)
{
    return 1 + (depth > 0 ? size : 0) + (depth > 1 ? size * (size - 1) / 2 : 0);
}

/* Each follows from the sums up to its place. */
void worn_keys(const Sums *sums, char kind, const char *letters, int size, int depth, uint64_t *keys)
{
    uint64_t until[FORM_MAX + 2], unbase = sums->unbase;
    until[0] = sums->of_byte[(uint8_t)kind];
    for (int at = 0; at < size; at++)
        until[at + 1] = until[at] + sums->of_byte[(uint8_t)letters[at]] * sums->of_place[at + 1];
    uint64_t whole = *keys++ = until[size];
    for (int one = 0; one < size && depth > 0; one++)
        *keys++ = until[one] + (whole - until[one + 1]) * unbase;
    for (int one = 0; one < size && depth > 1; one++)
        for (int two = one + 1; two < size; two++)
            *keys++ = until[one] + (until[two] - until[one + 1]) * unbase + (whole - until[two + 1]) * unbase * unbase;
}
