/* `Filer`: what `alerts.matching.compiling` does with names of ASCII letters and spaces: their keys, with their postings. Whoever changes
   what is filed under what there changes it here.

   The letters are copied first; what is made of them is made without the lock of the interpreter. */
#include "asker.h"

#include <stdlib.h>

/* How much of a spelling may be varied, as `compiling` says it: a level, and what else. */
enum { WEAPON = 16 };
enum { JOINED_MAX = WORD_MAX - 4 }; /* of a name as one word, which may have `albu` in front */

typedef struct {
    PyObject_HEAD
    Tables tables;
    Sums sums;
} Filer;

typedef struct {
    uint32_t begin, number; /* where its letters are; which of the distinct words it is */
    int size;
} Word;

/* A word under its own hash; `anchor` is its number among the anchors, from 1 on, where it is one. */
typedef struct {
    uint32_t word, anchor;
} Distinct;

typedef struct {
    uint32_t first_word;
    uint8_t word_count, is_upper, is_capital;
} Listed;

/* The names of one call, and what comes of them. */
typedef struct {
    const Filer *filer;
    int manner, level, letters_more; /* as they are asked for */
    char *letters;
    Listed *names;
    Word *words;
    Distinct *distinct;
    uint32_t *slots, *anchor_of, name_count, word_count, distinct_count, slot_mask, anchor_count;
    const uint32_t *numbers;
    uint8_t *cores;
    uint64_t *keys;
    uint32_t *postings;
    size_t count, room;
    int letters_min, depth, longest, is_full;
    uint8_t kinds[128];
} Filing;

/* One name of these while it is filed. */
typedef struct {
    uint32_t number;
    int count, core_count;
    const Word *words;
    const Listed *listed;
    uint8_t is_common[WORD_MAX], is_core[WORD_MAX];
} Name;

static const char *letters_of(const Filing *filing, const Word *word)
{
    return filing->letters + word->begin;
}

static int make_room(Filing *filing, size_t more)
{
    if (filing->count + more <= filing->room)
        return 1;
    size_t room = filing->room * 2 > filing->count + more ? filing->room * 2 : filing->count + more;
    uint64_t *keys = realloc(filing->keys, room * sizeof *keys);
    if (keys)
        filing->keys = keys;
    uint32_t *postings = realloc(filing->postings, room * sizeof *postings);
    if (postings)
        filing->postings = postings;
    filing->is_full |= !keys || !postings;
    if (!filing->is_full)
        filing->room = room;
    return !filing->is_full;
}

static void file(Filing *filing, const Name *name, char kind, int way, const char *letters, int size)
{
    if (!make_room(filing, 1))
        return;
    filing->keys[filing->count] = key_of(&filing->filer->sums, kind, letters, size);
    filing->postings[filing->count++] = name->number | (uint32_t)way;
    filing->kinds[(int)kind] = 1;
}

static void file_text(Filing *filing, const Name *name, char kind, int way, const Text *text)
{
    file(filing, name, kind, way, text->letters, text->size);
}

static void file_worn(Filing *filing, const Name *name, const char *letters, int size, int depth)
{
    size_t count = (size_t)worn_count(size, depth);
    if (!make_room(filing, count))
        return;
    worn_keys(&filing->filer->sums, 'd', letters, size, depth, filing->keys + filing->count);
    for (size_t at = 0; at < count; at++)
        filing->postings[filing->count++] = name->number | WORN;
    filing->kinds['d'] = 1;
}

static void file_sounds(Filing *filing, const Name *name, const char *letters, int size)
{
    Text keys[SOUNDS_MAX];
    int count = sound_keys(&filing->filer->tables.sounds, letters, size, keys);
    for (int at = 0; at < count; at++)
        file_text(filing, name, 'k', SCRIPT, &keys[at]);
}

/* The words of a name as one; `core`: without its links, from word `first` on. */
static void join(const Filing *filing, const Name *name, int first, int core, Text *joined)
{
    for (int at = first; at < name->count; at++)
        if (!core || name->is_core[at]) {
            memcpy(joined->letters + joined->size, letters_of(filing, &name->words[at]), (size_t)name->words[at].size);
            joined->size += name->words[at].size;
        }
}

/* Of each way to write a word as two the half that tells most, as `compiling._halves` has it. */
static void file_halves(Filing *filing, const Name *name, const char *word, int size)
{
    const Lists *lists = filing->filer->tables.lists;
    int least = filing->manner & WORDLY ? NAME_MIN : NAME_MIN + 1;
    for (int cut = least; cut <= size - least; cut++) {
        const char *halves[] = {word + cut, word};
        int sizes[] = {size - cut, cut}, longer = cut >= (size + 1) / 2;
        int is_ordinary = lists_of(lists, halves[longer], sizes[longer]) & IN_AMBIGUOUS;
        if (is_ordinary && !(lists_of(lists, halves[!longer], sizes[!longer]) & IN_AMBIGUOUS))
            longer = !longer;
        file(filing, name, 'w', HALF, halves[longer], sizes[longer]);
    }
}

/* What is left of it without as few letters at either end as may stand apart; `compiling._beside_short_halves`. */
static void file_short_halves(Filing *filing, const Name *name, const char *word, int size)
{
    const char *halves[] = {word + NAME_MIN, word};
    for (int at = 0; at < 2 && size > 2 * NAME_MIN; at++)
        if (!(lists_of(filing->filer->tables.lists, halves[at], size - NAME_MIN) & IN_AMBIGUOUS))
            file(filing, name, 'w', HALF, halves[at], size - NAME_MIN);
}

/* `senses.is_verb`, of a weapon or a term */
static int is_verb(const Filing *filing, const char *word, int size, const Text *stem)
{
    if (size < LOOSE_MIN || (size == LOOSE_MIN && stem->size < LOOSE_MIN))
        return 0;
    return !(filing->manner & WEAPON) || ends_with(word, size, "ing", 3);
}

/* As a phrase, inflected or not; `compiling._add_words`. */
static void file_as_words(Filing *filing, const Name *name)
{
    int best = 0;
    for (int at = 1; at < name->count; at++)
        if (name->is_common[at] < name->is_common[best]
            || (name->is_common[at] == name->is_common[best] && name->words[at].size > name->words[best].size))
            best = at;
    const char *anchor = letters_of(filing, &name->words[best]);
    int size = name->words[best].size, is_fixed = filing->manner & EXACTLY || best != name->count - 1;
    file(filing, name, 'w', is_fixed ? PHRASE : INFLECTED, anchor, size);
    if (filing->manner & EXACTLY)
        return;
    if (filing->manner & WORDLY && !is_fixed) {
        Text bases[2], stem;
        for (int at = 0, count = singulars(anchor, size, bases); at < count; at++)
            file_text(filing, name, 'w', INFLECTED, &bases[at]);
        verb_stem(anchor, size, &stem);
        if (is_verb(filing, anchor, size, &stem))
            file_text(filing, name, 'v', VERBAL, &stem);
    }
    if (name->count == 1) {
        file_halves(filing, name, anchor, size);
        if (!(filing->manner & WORDLY) && !filing->letters_more)
            file_short_halves(filing, name, anchor, size);
        return;
    }
    Text joined = {0};
    join(filing, name, 0, 0, &joined);
    file_text(filing, name, 'w', JOINED, &joined);
}

static void file_closed_as(Filing *filing, const Name *name, const Text *closed)
{
    Text form;
    normal_form(&filing->filer->tables.spellings, closed->letters, closed->size, &form);
    file_text(filing, name, 'f', CLOSED, &form);
    if (!filing->letters_more)
        file_sounds(filing, name, closed->letters, closed->size);
}

/* A name of several words, written as one, in each of its closed spellings once; `filing.closed_spellings`. */
static void file_closed(Filing *filing, const Name *name)
{
    static const char *const kunyas[] = {"bu", "albu", "abu"};
    enum { COUNT = sizeof kunyas / sizeof *kunyas };
    Text closed[2 + COUNT] = {{0}};
    int count = 1, first = 0;
    while (!name->is_core[first])
        first++;
    join(filing, name, 0, 0, &closed[0]);
    if (name->core_count > 1)
        join(filing, name, 0, 1, &closed[count++]);
    int lists = lists_of(filing->filer->tables.lists, letters_of(filing, &name->words[first]), name->words[first].size);
    if (name->core_count > 1 && lists & IN_KUNYAS)
        for (int at = 0; at < COUNT; at++, count++) {
            set_text(&closed[count], kunyas[at], (int)strlen(kunyas[at]));
            join(filing, name, first + 1, 1, &closed[count]);
        }
    for (int at = 0; at < count; at++) {
        int is_new = 1;
        for (int before = 0; before < at; before++)
            is_new &= !is_same(&closed[before], &closed[at]);
        if (is_new)
            file_closed_as(filing, name, &closed[at]);
    }
}

static void file_errors(Filing *filing, const Name *name, const char *anchor, int size, const Text *form)
{
    int edits = filing->level == LOOSE ? 2 : 1, shortest = filing->level == LOOSE ? LOOSE_MIN : ERROR_MIN;
    if (size < shortest + filing->letters_more)
        return;
    if (filing->letters_min > size - edits)
        filing->letters_min = size - edits;
    filing->depth = edits;
    file_worn(filing, name, anchor, size, edits);
    if (form->size >= shortest && (form->size != size || memcmp(form->letters, anchor, (size_t)size)))
        file_worn(filing, name, form->letters, form->size, edits);
}

static void file_outline(Filing *filing, const Name *name, const Text *form)
{
    Text outlined;
    outline(form, &outlined);
    int told = 0;
    for (int at = 0; at < outlined.size; at++)
        told += outlined.letters[at] != '.';
    if (name->core_count > 1 ? told >= NAME_MIN - 1 : told >= NAME_MIN && form->size > NAME_MIN)
        file_text(filing, name, 'o', OUTLINE, &outlined);
}

/* Whether a spelling is a name that others carry over differently: no acronym, and a weapon's only with a capital. */
static int may_be_respelt(const Filing *filing, const Name *name)
{
    int is_term = filing->manner & WORDLY && !(filing->manner & WEAPON);
    if (filing->level == OFF || filing->manner & EXACTLY || (is_term && filing->level != LOOSE))
        return 0;
    if (name->count == 1 && name->listed->is_upper)
        return 0;
    return !(filing->manner & WEAPON) || filing->level == LOOSE || name->listed->is_capital;
}

/* The word under which a name is filed, and its normal form. */
static int best_of_core(const Filing *filing, const Name *name, Text *form)
{
    int best = -1;
    for (int at = 0; at < name->count; at++) {
        Text each;
        if (!name->is_core[at])
            continue;
        normal_form(&filing->filer->tables.spellings, letters_of(filing, &name->words[at]), name->words[at].size, &each);
        if (best >= 0 && (name->is_common[at] > name->is_common[best]
                          || (name->is_common[at] == name->is_common[best] && each.size <= form->size)))
            continue;
        best = at;
        *form = each;
    }
    return best;
}

/* As a name in all its spellings; `compiling._add_names`. */
static void file_as_name(Filing *filing, const Name *name, uint32_t row)
{
    Text form;
    int best = best_of_core(filing, name, &form), size = name->words[best].size;
    if (form.size < NAME_MIN || (name->count == 1 && size <= NAME_MIN))
        return;
    const char *anchor = letters_of(filing, &name->words[best]);
    filing->anchor_of[row] = name->words[best].number + 1;
    filing->distinct[name->words[best].number].anchor = 1;
    filing->cores[row] = (uint8_t)name->core_count;
    if (filing->letters_more < 2 || size >= ERROR_MIN)
        file_sounds(filing, name, anchor, size);
    file_text(filing, name, 'f', FORM, &form);
    file_outline(filing, name, &form);
    if (name->count > 1) {
        if (name->is_common[best])
            file(filing, name, 'w', COMMON, anchor, size);
        file_closed(filing, name);
    }
    if (filing->level >= NORMAL)
        file_errors(filing, name, anchor, size, &form);
}

static void file_name(Filing *filing, uint32_t row)
{
    const Lists *lists = filing->filer->tables.lists;
    const Listed *listed = &filing->names[row];
    Name name = {.number = filing->numbers[row], .count = listed->word_count, .listed = listed};
    name.words = filing->words + listed->first_word;
    for (int at = 0; at < name.count; at++) {
        const char *word = letters_of(filing, &name.words[at]);
        name.is_common[at] = name.count > 1 && is_common(lists, word, name.words[at].size);
        name.is_core[at] = !(lists_of(lists, word, name.words[at].size) & IN_LINKS);
        name.core_count += name.is_core[at];
    }
    if (!name.core_count) {
        memset(name.is_core, 1, (size_t)name.count);
        name.core_count = name.count;
    }
    if (filing->longest < name.count)
        filing->longest = name.count;
    file_as_words(filing, &name);
    if (may_be_respelt(filing, &name))
        file_as_name(filing, &name, row);
}

/* Tell the distinct words from each other, by number in order of their first place. */
static void number_words(Filing *filing)
{
    for (uint32_t at = 0; at < filing->word_count; at++) {
        Word *word = &filing->words[at];
        uint64_t hash = key_of(&filing->filer->sums, 'w', letters_of(filing, word), word->size);
        uint32_t slot = (uint32_t)(hash >> 32) & filing->slot_mask, found;
        while ((found = filing->slots[slot])) {
            const Word *other = &filing->words[filing->distinct[found - 1].word];
            if (other->size == word->size && !memcmp(letters_of(filing, other), letters_of(filing, word), (size_t)word->size))
                break;
            slot = (slot + 1) & filing->slot_mask;
        }
        if (!found) {
            filing->distinct[filing->distinct_count].word = at;
            found = filing->slots[slot] = ++filing->distinct_count;
        }
        word->number = found - 1;
    }
}

static void file_names(Filing *filing)
{
    number_words(filing);
    for (uint32_t row = 0; row < filing->name_count && !filing->is_full; row++)
        file_name(filing, row);
    for (uint32_t at = 0; at < filing->distinct_count; at++)
        if (filing->distinct[at].anchor)
            filing->distinct[at].anchor = ++filing->anchor_count;
    for (uint32_t row = 0; row < filing->name_count; row++)
        if (filing->anchor_of[row])
            filing->anchor_of[row] = filing->distinct[filing->anchor_of[row] - 1].anchor;
}

/* Copy a name, small, word by word; 0 where it is not of ASCII letters and spaces, or too long. */
static int copy_name(Filing *filing, const char *text, Py_ssize_t size, uint32_t *used)
{
    Listed *listed = &filing->names[filing->name_count];
    uint32_t begin = *used;
    *listed = (Listed){.first_word = filing->word_count, .is_upper = 1, .is_capital = size && text[0] >= 'A' && text[0] <= 'Z'};
    for (Py_ssize_t at = 0; at < size; at++) {
        char letter = text[at];
        int is_big = letter >= 'A' && letter <= 'Z';
        if (letter == ' ')
            continue;
        if (!is_big && !(letter >= 'a' && letter <= 'z'))
            return 0;
        if (!at || text[at - 1] == ' ') {
            if (*used - begin > JOINED_MAX)
                return 0;
            listed->word_count++;
            filing->words[filing->word_count++] = (Word){.begin = *used};
        }
        listed->is_upper &= is_big;
        filing->words[filing->word_count - 1].size++;
        filing->letters[(*used)++] = is_big ? (char)(letter | 0x20) : letter;
    }
    filing->name_count++;
    return *used - begin > 0 && *used - begin <= JOINED_MAX;
}

/* Memory for names of so many letters, of which each word has one at least. */
static int make_room_to_copy(Filing *filing, size_t name_count, size_t letter_count)
{
    filing->letters = malloc(letter_count + 1);
    filing->words = malloc((letter_count + 1) * sizeof *filing->words);
    filing->names = malloc((name_count + 1) * sizeof *filing->names);
    return filing->letters && filing->words && filing->names;
}

/* Memory for what comes of the names that have been copied. */
static int make_room_to_file(Filing *filing)
{
    size_t slot_count = 16;
    while (slot_count < 2 * (size_t)filing->word_count)
        slot_count *= 2;
    filing->slot_mask = (uint32_t)(slot_count - 1);
    filing->slots = calloc(slot_count, sizeof *filing->slots);
    filing->distinct = calloc((size_t)filing->word_count + 1, sizeof *filing->distinct);
    filing->anchor_of = calloc((size_t)filing->name_count + 1, sizeof *filing->anchor_of);
    filing->cores = calloc((size_t)filing->name_count + 1, sizeof *filing->cores);
    return filing->slots && filing->distinct && filing->anchor_of && filing->cores;
}

static void close_filing(Filing *filing)
{
    void *const parts[] = {filing->letters, filing->words, filing->distinct, filing->slots, filing->names, filing->anchor_of,
                           filing->cores, filing->keys, filing->postings};
    for (size_t at = 0; at < sizeof parts / sizeof *parts; at++)
        free(parts[at]);
}

/* Copy all names: 1 where they are ours, 0 where one is not, -1 with an exception set. */
static int copy_names(Filing *filing, PyObject *texts)
{
    Py_ssize_t count = PyList_Size(texts), size, total = 0;
    uint32_t used = 0;
    for (Py_ssize_t at = 0; at < count; at++) {
        Py_ssize_t length = PyUnicode_GetLength(PyList_GetItem(texts, at));
        if (length < 0)
            return -1;
        total += length;
    }
    if (total > INT32_MAX / 4)
        return 0;
    if (!make_room_to_copy(filing, (size_t)count, (size_t)total)) {
        PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t at = 0; at < count; at++) {
        const char *text = PyUnicode_AsUTF8AndSize(PyList_GetItem(texts, at), &size);
        if (!text) /* a surrogate */
            PyErr_Clear();
        if (!text || !copy_name(filing, text, size, &used))
            return 0;
    }
    return 1;
}

static PyObject *anchors_of(const Filing *filing)
{
    PyObject *anchors = PyList_New(filing->anchor_count);
    for (uint32_t at = 0; anchors && at < filing->distinct_count; at++) {
        const Word *word = &filing->words[filing->distinct[at].word];
        if (!filing->distinct[at].anchor)
            continue;
        PyObject *text = PyUnicode_FromStringAndSize(letters_of(filing, word), word->size);
        if (!text || PyList_SetItem(anchors, (Py_ssize_t)filing->distinct[at].anchor - 1, text))
            Py_CLEAR(anchors);
    }
    return anchors;
}

static PyObject *filed(const Filing *filing)
{
    char kinds[sizeof filing->kinds];
    Py_ssize_t kind_count = 0, names = filing->name_count, count = (Py_ssize_t)filing->count;
    for (size_t kind = 0; kind < sizeof kinds; kind++)
        if (filing->kinds[kind])
            kinds[kind_count++] = (char)kind;
    PyObject *anchors = anchors_of(filing);
    if (!anchors)
        return NULL;
    return Py_BuildValue("(y#y#y#y#Ns#iii)", (const char *)filing->keys, count * 8, (const char *)filing->postings, count * 4,
                         (const char *)filing->anchor_of, names * 4, (const char *)filing->cores, names, anchors, kinds, kind_count,
                         filing->letters_min, filing->depth, filing->longest);
}

static PyObject *file_all(Filing *filing, PyObject *texts, const Py_buffer *numbers)
{
    int copied = copy_names(filing, texts);
    if (copied < 0)
        return NULL;
    if (!copied)
        Py_RETURN_NONE;
    if (numbers->len != (Py_ssize_t)filing->name_count * 4)
        return PyErr_Format(PyExc_ValueError, "a number for each text");
    if (!make_room_to_file(filing))
        return PyErr_NoMemory();
    filing->numbers = numbers->buf;
    Py_BEGIN_ALLOW_THREADS
    file_names(filing);
    Py_END_ALLOW_THREADS
    return filing->is_full ? PyErr_NoMemory() : filed(filing);
}

static PyObject *filer_file(Filer *self, PyObject *args)
{
    PyObject *texts;
    Py_buffer numbers;
    Filing filing = {.filer = self, .letters_min = ASKED_MAX};
    if (!PyArg_ParseTuple(args, "Oy*ii", &texts, &numbers, &filing.manner, &filing.letters_more))
        return NULL;
    filing.level = filing.manner & LEVEL;
    PyObject *found = NULL;
    if (!PyList_Check(texts))
        PyErr_SetString(PyExc_TypeError, "a list of texts");
    else
        found = file_all(&filing, texts, &numbers);
    close_filing(&filing);
    PyBuffer_Release(&numbers);
    return found;
}

static int fill(PyObject *object, PyObject *about)
{
    Filer *self = (Filer *)object;
    return tables_from(about, &self->tables) || sums_from(about, &self->sums);
}

static PyObject *filer_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    return made_from(type, args, kwargs, fill);
}

static void filer_dealloc(Filer *self)
{
    tables_free(&self->tables);
    freed(self);
}

static PyMethodDef filer_methods[] = {{"file", (PyCFunction)filer_file, METH_VARARGS, NULL}, {NULL, NULL, 0, NULL}};
static PyType_Slot filer_slots[] = {
    {Py_tp_new, filer_new}, {Py_tp_dealloc, filer_dealloc}, {Py_tp_methods, filer_methods}, {0, NULL},
};
static PyType_Spec filer_spec = {"alerts.matching.native._native.Filer", sizeof(Filer), 0, Py_TPFLAGS_DEFAULT, filer_slots};

PyObject *filer_type(PyObject *module)
{
    return PyType_FromModuleAndSpec(module, &filer_spec, NULL);
}
