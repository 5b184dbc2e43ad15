/* `Sorter`: what makes a table of `alerts.matching.index` of keys and their postings: these by parts, in order, and the bits in front.

   Keys are hashes, spread evenly, so that their first bits say nearly where each belongs. */
#include "native.h"

#include <stdlib.h>

enum { PART_BITS = 4, PARTS = 1 << PART_BITS, BUCKET_BITS = 9, BUCKETS = 1 << BUCKET_BITS, FEW = 12, SMALL = 128 };

typedef struct {
    uint64_t key;
    uint32_t posting;
} Item;

/* Buffers of one call; those that are not open are empty. */
typedef struct {
    Py_buffer keys, postings, keys_into, postings_into;
} Columns;

static void release(Columns *columns)
{
    PyBuffer_Release(&columns->keys);
    PyBuffer_Release(&columns->postings);
    PyBuffer_Release(&columns->keys_into);
    PyBuffer_Release(&columns->postings_into);
}

/* Four columns of one length from as many arguments; -1 with an exception set and nothing open. */
static int columns_from(PyObject *args, Columns *columns)
{
    memset(columns, 0, sizeof *columns);
    if (!PyArg_ParseTuple(args, "y*y*w*w*", &columns->keys, &columns->postings, &columns->keys_into, &columns->postings_into))
        return -1;
    Py_ssize_t count = columns->keys.len / 8;
    if (columns->keys.len % 8 || columns->postings.len != count * 4 || columns->keys_into.len != count * 8
        || columns->postings_into.len != count * 4) {
        PyErr_SetString(PyExc_ValueError, "columns of one length");
        release(columns);
        return -1;
    }
    return 0;
}

/* Where the keys begin that have the same bits from `shift` on, in order of these. */
static void count_begins(const uint64_t *keys, size_t count, int shift, size_t bucket_count, size_t *begins)
{
    memset(begins, 0, bucket_count * sizeof *begins);
    for (size_t at = 0; at < count; at++)
        begins[keys[at] >> shift & (bucket_count - 1)]++;
    for (size_t bucket = 0, begin = 0; bucket < bucket_count; bucket++) {
        size_t size = begins[bucket];
        begins[bucket] = begin;
        begin += size;
    }
}

/* Copy to where each belongs by the bits of its key from `shift` on; `ends` says where each of these ends. */
static void spread(const Columns *columns, int shift, size_t bucket_count, size_t *ends)
{
    const uint64_t *keys = columns->keys.buf;
    const uint32_t *postings = columns->postings.buf;
    uint64_t *keys_into = columns->keys_into.buf, mask = bucket_count - 1;
    uint32_t *postings_into = columns->postings_into.buf;
    size_t count = (size_t)columns->keys.len / 8;
    count_begins(keys, count, shift, bucket_count, ends);
    for (size_t at = 0; at < count; at++) {
        size_t place = ends[keys[at] >> shift & mask]++;
        keys_into[place] = keys[at];
        postings_into[place] = postings[at];
    }
}

static PyObject *part(PyObject *self, PyObject *args)
{
    (void)self;
    Columns columns;
    size_t ends[PARTS];
    if (columns_from(args, &columns))
        return NULL;
    Py_BEGIN_ALLOW_THREADS
    spread(&columns, 64 - PART_BITS, PARTS, ends);
    Py_END_ALLOW_THREADS
    release(&columns);
    PyObject *found = PyList_New(PARTS);
    for (Py_ssize_t at = 0; found && at < PARTS; at++) {
        PyObject *end = PyLong_FromSize_t(ends[at]);
        if (!end || PyList_SetItem(found, at, end))
            Py_CLEAR(found);
    }
    return found;
}

static int is_behind(const Item *one, const Item *other)
{
    return one->key > other->key || (one->key == other->key && one->posting > other->posting);
}

/* Items in order; what comes in runs that are in order is soon done. */
static void sort_items(Item *items, size_t count, Item *spare)
{
    if (count <= FEW) {
        for (size_t at = 1; at < count; at++) {
            Item item = items[at];
            size_t to = at;
            for (; to && is_behind(&items[to - 1], &item); to--)
                items[to] = items[to - 1];
            items[to] = item;
        }
        return;
    }
    size_t middle = count / 2;
    sort_items(items, middle, spare);
    sort_items(items + middle, count - middle, spare);
    if (!is_behind(&items[middle - 1], &items[middle]))
        return;
    memcpy(spare, items, middle * sizeof *items);
    for (size_t left = 0, right = middle, to = 0; left < middle; to++)
        items[to] = right < count && is_behind(&spare[left], &items[right]) ? items[right++] : spare[left++];
}

/* Sort what shares the bits of its keys down to `shift`: by the bits behind them first. `items` and `spare` have room for it. */
static void sort_bucket(uint64_t *keys, uint32_t *postings, size_t count, int shift, Item *items, Item *spare)
{
    size_t bucket_count = count > SMALL ? BUCKETS : 1, mask = bucket_count - 1, ends[BUCKETS];
    shift -= BUCKET_BITS;
    count_begins(keys, count, shift, bucket_count, ends);
    for (size_t at = 0; at < count; at++)
        items[ends[keys[at] >> shift & mask]++] = (Item){keys[at], postings[at]};
    for (size_t bucket = 0, begin = 0; bucket < bucket_count; begin = ends[bucket++])
        sort_items(items + begin, ends[bucket] - begin, spare);
    for (size_t at = 0; at < count; at++) {
        keys[at] = items[at].key;
        postings[at] = items[at].posting;
    }
}

static int are_of_one_part(const uint64_t *keys, Py_ssize_t count)
{
    for (Py_ssize_t at = 1; at < count; at++)
        if ((keys[at] ^ keys[0]) >> (64 - PART_BITS))
            return 0;
    return 1;
}

/* Without the lock of the interpreter; -1 where there is no memory. */
static int sort_columns(const Columns *columns)
{
    size_t ends[BUCKETS], largest = 1;
    int shift = 64 - PART_BITS - BUCKET_BITS;
    spread(columns, shift, BUCKETS, ends);
    for (size_t bucket = 0, begin = 0; bucket < BUCKETS; begin = ends[bucket++])
        largest = ends[bucket] - begin > largest ? ends[bucket] - begin : largest;
    Item *items = malloc(2 * largest * sizeof *items);
    if (!items)
        return -1;
    uint64_t *keys = columns->keys_into.buf;
    uint32_t *postings = columns->postings_into.buf;
    for (size_t bucket = 0, begin = 0; bucket < BUCKETS; begin = ends[bucket++])
        sort_bucket(keys + begin, postings + begin, ends[bucket] - begin, shift, items, items + largest);
    free(items);
    return 0;
}

static PyObject *sort(PyObject *self, PyObject *args)
{
    (void)self;
    Columns columns;
    if (columns_from(args, &columns))
        return NULL;
    int failed = 0, is_part = are_of_one_part(columns.keys.buf, columns.keys.len / 8);
    if (is_part) {
        Py_BEGIN_ALLOW_THREADS
        failed = sort_columns(&columns);
        Py_END_ALLOW_THREADS
    }
    release(&columns);
    if (!is_part)
        return PyErr_Format(PyExc_ValueError, "keys of several parts");
    if (failed)
        return PyErr_NoMemory();
    Py_RETURN_NONE;
}

static PyObject *mark(PyObject *self, PyObject *args)
{
    (void)self;
    Py_buffer bits, keys;
    int size;
    if (!PyArg_ParseTuple(args, "w*y*i", &bits, &keys, &size))
        return NULL;
    int is_whole = size > 2 && size < 63 && bits.len == (Py_ssize_t)1 << size >> 3 && !(keys.len % 8);
    Py_BEGIN_ALLOW_THREADS
    for (Py_ssize_t at = 0; is_whole && at < keys.len / 8; at++) {
        uint64_t place = ((const uint64_t *)keys.buf)[at] >> (64 - size);
        ((uint8_t *)bits.buf)[place >> 3] |= (uint8_t)(1 << (place & 7));
    }
    Py_END_ALLOW_THREADS
    PyBuffer_Release(&bits);
    PyBuffer_Release(&keys);
    if (!is_whole)
        return PyErr_Format(PyExc_ValueError, "a table of 2^%d bits", size);
    Py_RETURN_NONE;
}

static PyMethodDef sorter_methods[] = {
    {"part", part, METH_VARARGS | METH_STATIC, NULL},
    {"sort", sort, METH_VARARGS | METH_STATIC, NULL},
    {"mark", mark, METH_VARARGS | METH_STATIC, NULL},
    {NULL, NULL, 0, NULL},
};
static PyType_Slot sorter_slots[] = {{Py_tp_methods, sorter_methods}, {0, NULL}};
static PyType_Spec sorter_spec = {"alerts.matching.native._native.Sorter", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT, sorter_slots};

PyObject *sorter_type(PyObject *module)
{
    return PyType_FromModuleAndSpec(module, &sorter_spec, NULL);
}
