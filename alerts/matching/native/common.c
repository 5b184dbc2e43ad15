/* `Lists`: the word lists of `alerts.text.common` and the links, as one table; and whether a word is common, as there. */
#include "native.h"

static PyTypeObject *lists_class;

/* A word is known by 56 bits of its hash: with 200,000 listed, one word in 10^11 is taken for one of them. */
static uint64_t hash_of(const char *letters, size_t size)
{
    uint64_t hash = 0xCBF29CE484222325u; /* FNV-1a, mixed */
    for (size_t at = 0; at < size; at++)
        hash = (hash ^ (uint8_t)letters[at]) * 0x100000001B3u;
    hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9u;
    return (hash ^ (hash >> 31)) & ~(uint64_t)0xFF;
}

static uint64_t *slot_of(const Lists *self, uint64_t hash)
{
    uint64_t at = hash >> 8 & self->mask;
    while (self->slots[at] && (self->slots[at] & ~(uint64_t)0xFF) != hash)
        at = (at + 1) & self->mask;
    return &self->slots[at];
}

int lists_of(const Lists *self, const char *letters, int size)
{
    return (int)(*slot_of(self, hash_of(letters, (size_t)size)) & 0xFF);
}

void lists_ahead(const Lists *self, const char *letters, int size)
{
    PREFETCH(&self->slots[hash_of(letters, (size_t)size) >> 8 & self->mask]);
}

static int is_derived(const Lists *self, const char *word, int size)
{
    static const char *const endings[] = {"ing", "ed", "er", "ers", "ness", "ly", "est"};
    for (size_t at = 0; at < sizeof endings / sizeof *endings; at++) {
        int length = (int)strlen(endings[at]), stem = size - length;
        if (!ends_with(word, size, endings[at], length))
            continue;
        int is_doubled = stem > 3 && word[stem - 1] == word[stem - 2];
        return lists_of(self, word, stem) & IN_STEMS || (is_doubled && lists_of(self, word, stem - 1) & IN_WORDS);
    }
    return 0;
}

int is_common(const Lists *self, const char *word, int size)
{
    if (lists_of(self, word, size) & IN_COMMON || is_derived(self, word, size))
        return 1;
    Text bases[2];
    for (int at = 0, count = singulars(word, size, bases); at < count; at++)
        if (lists_of(self, bases[at].letters, bases[at].size) & IN_WORDS || is_derived(self, bases[at].letters, bases[at].size))
            return 1;
    return 0;
}

static int fill(Lists *self, PyObject *words, int flag)
{
    PyObject *each = PyObject_GetIter(words), *word;
    while (each && (word = PyIter_Next(each))) {
        Py_ssize_t size;
        const char *letters = PyUnicode_AsUTF8AndSize(word, &size);
        if (letters) {
            uint64_t hash = hash_of(letters, (size_t)size), *slot = slot_of(self, hash);
            *slot = *slot ? *slot | (uint64_t)flag : hash | (uint64_t)flag;
        }
        Py_DECREF(word);
        if (!letters)
            break;
    }
    Py_XDECREF(each);
    return PyErr_Occurred() ? -1 : 0;
}

static int read_lists(PyObject *object, PyObject *about)
{
    Lists *self = (Lists *)object;
    static const struct {
        const char *name;
        int flag;
    } lists[] = {{"common", IN_COMMON}, {"words", IN_WORDS}, {"stems", IN_STEMS}, {"ordinary", IN_ORDINARY}, {"links", IN_LINKS},
                 {"ambiguous", IN_AMBIGUOUS}, {"kunyas", IN_KUNYAS}};
    enum { COUNT = sizeof lists / sizeof *lists };
    PyObject *found[COUNT] = {NULL};
    uint64_t count = 0, room = 1024;
    int failed = 0;
    for (int at = 0; at < COUNT && !failed; at++) {
        found[at] = PyMapping_GetItemString(about, lists[at].name);
        Py_ssize_t size = found[at] ? PyObject_Size(found[at]) : -1;
        failed = size < 0;
        count += failed ? 0 : (uint64_t)size;
    }
    while (room < 2 * count)
        room *= 2;
    self->mask = room - 1;
    self->slots = failed ? NULL : PyMem_Calloc(room, sizeof *self->slots);
    if (!failed && !self->slots)
        PyErr_NoMemory();
    for (int at = 0; at < COUNT; at++) {
        failed |= !self->slots || fill(self, found[at], lists[at].flag);
        Py_XDECREF(found[at]);
    }
    return failed ? -1 : 0;
}

static PyObject *lists_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    return made_from(type, args, kwargs, read_lists);
}

static void lists_dealloc(Lists *self)
{
    PyMem_Free(self->slots);
    freed(self);
}

Lists *lists_from(PyObject *about)
{
    return given(about, "lists", lists_class);
}

int tables_from(PyObject *about, Tables *tables)
{
    PyObject *sounds = PyMapping_GetItemString(about, "sounds");
    int failed = !sounds || pairs_from(sounds, &tables->sounds) || spellings_from(about, &tables->spellings)
        || !(tables->lists = lists_from(about));
    Py_XDECREF(sounds);
    return failed ? -1 : 0;
}

void tables_free(Tables *tables)
{
    pairs_free(&tables->sounds);
    spellings_free(&tables->spellings);
    Py_XDECREF((PyObject *)tables->lists);
}

static PyType_Slot lists_slots[] = {{Py_tp_new, lists_new}, {Py_tp_dealloc, lists_dealloc}, {0, NULL}};
static PyType_Spec lists_spec = {"alerts.matching.native._native.Lists", sizeof(Lists), 0, Py_TPFLAGS_DEFAULT, lists_slots};

PyObject *lists_type(PyObject *module)
{
    return type_of(module, &lists_spec, &lists_class);
}
