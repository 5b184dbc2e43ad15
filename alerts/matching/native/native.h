/* What the files of this folder share. The stable ABI of Python 3.11: one binary serves every later version. */
#ifndef ALERTS_NATIVE_H
#define ALERTS_NATIVE_H

#define PY_SSIZE_T_CLEAN
#ifndef Py_LIMITED_API
#define Py_LIMITED_API 0x030B0000
#endif
#include <Python.h>

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__GNUC__) || defined(__clang__)
#define PREFETCH(address) __builtin_prefetch(address)
#else
#define PREFETCH(address) ((void)0)
#endif

/* Longer words are left to Python: none of them is a name of one word. A replacement at most doubles a letter. */
enum { WORD_MAX = 96, FORM_MAX = 2 * WORD_MAX + 2, PAIR_MAX = 12, ORTHOGRAPHIES_MAX = 9 };

/* A word, or something made of one: ASCII letters without an end mark. */
typedef struct {
    int size;
    char letters[FORM_MAX];
} Text;

/* Replacements, one after the other over the whole word, as `str.replace` does each. */
typedef struct {
    uint32_t needs;  /* a bit for each letter of `from`: most words lack one */
    uint8_t from_size, to_size;
    char from[PAIR_MAX], to[PAIR_MAX];
} Pair;

typedef struct {
    Py_ssize_t size;
    Pair *pairs;
} Pairs;

/* How a language writes foreign names: what it is known by, and what English writes instead. */
typedef struct {
    Pairs signs, pairs;
} Orthography;

/* The tables of `alerts.text.spellings`, handed over from there. */
typedef struct {
    Pairs final, initial, groups, russian, even;
    Orthography orthographies[ORTHOGRAPHIES_MAX];
    uint16_t signs_of_two[27][27]; /* of two letters, or one at the end of a word: a bit for each language that they are a sign of */
    int orthography_count;
} Spellings;

int pairs_from(PyObject *table, Pairs *pairs); /* -1 with an exception set, as all that follow */
void pairs_free(Pairs *pairs);
int spellings_from(PyObject *about, Spellings *spellings);
void spellings_free(Spellings *spellings);
void replace_all(Text *text, const Pairs *pairs);

/* Word lists as one table: of a word, which lists it stands in. */
enum { IN_COMMON = 1, IN_WORDS = 2, IN_STEMS = 4, IN_ORDINARY = 8, IN_LINKS = 16, IN_AMBIGUOUS = 32, IN_KUNYAS = 64 };

typedef struct {
    PyObject_HEAD
    uint64_t *slots, mask;
} Lists;

Lists *lists_from(PyObject *about); /* a new reference, or NULL with an exception set */

/* What spelling a word takes: all that is handed over of `alerts.text`. */
typedef struct {
    Spellings spellings;
    Pairs sounds;
    Lists *lists;
} Tables;

int tables_from(PyObject *about, Tables *tables);
void tables_free(Tables *tables);
int lists_of(const Lists *lists, const char *letters, int size);
void lists_ahead(const Lists *lists, const char *letters, int size); /* they will be asked for soon */
int is_common(const Lists *lists, const char *word, int size);

void normal_form(const Spellings *spellings, const char *word, int size, Text *form);
void evened(const Spellings *spellings, const char *word, int size, Text *even);
int carried(const Spellings *spellings, const char *word, int size, Text found[ORTHOGRAPHIES_MAX]); /* how many there are */
void outline(const Text *form, Text *outlined);
int singulars(const char *word, int size, Text bases[2]); /* how many there are */
void verb_stem(const char *word, int size, Text *stem);

/* What a word shares with its writing in other scripts, each key once, as `scripts.skeletons` has it; how many there are. */
enum { SPELLINGS_MAX = 16, SOUNDS_MAX = 2 * SPELLINGS_MAX };
void sound_key(const Text *classes, int once, Text *key); /* one of them, of its classes, each as often as it stands or once */
int sound_keys(const Pairs *sounds, const char *word, int size, Text keys[SOUNDS_MAX]);

int unlinked(const char *word, int size, int assimilated); /* how many letters of an article are in front */
int osa_distance(const char *one, int one_size, const char *other, int other_size);

/* A number for what a word beside an anchor shares with all its spellings; never 0. */
uint64_t sound_of(const Spellings *spellings, const char *word, int size);

static inline int is_vowel(char letter)
{
    return letter == 'a' || letter == 'e' || letter == 'i' || letter == 'o' || letter == 'u';
}

static inline int ends_with(const char *word, int size, const char *ending, int length)
{
    return size >= length && !memcmp(word + size - length, ending, (size_t)length);
}

static inline int is_same(const Text *one, const Text *other)
{
    return one->size == other->size && !memcmp(one->letters, other->letters, (size_t)one->size);
}

/* A word of a text beside another one, in every way it may be meant. */
typedef struct {
    const char *letters;
    int size, is_known; /* else it may be anything */
    int is_link, sound_count;
    uint64_t sounds[8 + ORTHOGRAPHIES_MAX];
} Neighbour;

int may_be_listed(const char *word, Py_ssize_t size); /* whether it is of ASCII letters, or a number with letters */
int is_circle(PyObject *object);
void meet(PyObject *circle, const char *letters, Py_ssize_t size, Neighbour *near);
int may_stand_beside(PyObject *circle, const Neighbour *near, int step, int is_next);
enum { REACH = 3 }; /* so far a word may stand from the next one, if only links are between */

/* An array with room for so many items, larger where it has to be; NULL with an exception set. */
void *room_for(void *array, size_t count, size_t *room, size_t size);

/* What all types are made with. NULL with an exception set, or a new reference where nothing else is said. */
void *allocated(PyTypeObject *type); /* an object, all zeros */
void freed(void *object);            /* the last thing that becomes of it */
PyObject *made_from(PyTypeObject *type, PyObject *args, PyObject *kwargs, int (*fill)(PyObject *object, PyObject *about));
PyObject *type_of(PyObject *module, PyType_Spec *spec, PyTypeObject **kept); /* the first one is kept, too */
PyObject *borrowed(PyObject *mapping, const char *name);
void *given(PyObject *about, const char *name, PyTypeObject *type); /* an object of a type of ours */

PyObject *lists_type(PyObject *module);
PyObject *scripts_type(PyObject *module);
PyObject *memory_type(PyObject *module);
PyObject *reading_type(PyObject *module);
PyObject *asker_type(PyObject *module);
PyObject *circle_type(PyObject *module);
PyObject *speller_type(PyObject *module);
PyObject *filer_type(PyObject *module);
PyObject *sorter_type(PyObject *module);

#endif
