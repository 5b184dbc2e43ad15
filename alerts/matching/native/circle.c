/* `Circle`: the spellings that a word may belong to, and what must stand beside the word before some of them are looked at. */
#include "asker.h"

#include <stdlib.h>

static PyTypeObject *circle_class; /* made by askers only */

/* A spelling in its folded words, without links where it is taken as a name; how many, or 0 where other letters than ASCII are in it. */
static int cut_spelling(const Asker *self, uint32_t number, int is_name, Text words[WORDS_MAX])
{
    uint64_t size;
    const char *text = folded_of(self, number, &size);
    int count = 0;
    words[0].size = 0;
    for (uint64_t at = 0; at <= size; at++) {
        char letter = at < size ? text[at] : ' ';
        Text *word = &words[count];
        if (letter >= 'A' && letter <= 'Z')
            letter += 'a' - 'A';
        if ((letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9')) {
            if (word->size == WORD_MAX)
                return 0;
            word->letters[word->size++] = letter;
            continue;
        }
        if (letter != ' ')
            return 0;
        if (!word->size)
            continue;
        int is_link = is_name && word->size <= LINK_MAX && lists_of(self->tables.lists, word->letters, word->size) & IN_LINKS;
        if (!is_link && ++count == WORDS_MAX)
            return 0;
        words[count].size = 0;
    }
    return count;
}

/* Where letters are kept; -1 with an exception set. */
static int64_t keep(Circle *circle, const char *letters, int size)
{
    char *all = room_for(circle->letters, circle->letters_used + (size_t)size, &circle->letters_room, 1);
    if (!all)
        return -1;
    circle->letters = all;
    memcpy(all + circle->letters_used, letters, (size_t)size);
    circle->letters_used += (size_t)size;
    return (int64_t)(circle->letters_used - (size_t)size);
}

static int put_off(const Asking *asking, Circle *circle, const char *letters, int size, int step, int manner)
{
    Beside *besides = room_for(circle->besides, circle->beside_count + 1, &circle->beside_room, sizeof *besides);
    if (!besides)
        return -1;
    circle->besides = besides;
    int64_t at = keep(circle, letters, size);
    if (at < 0)
        return -1;
    uint64_t sound = manner == SOUNDS_LIKE ? sound_of(&asking->asker->tables.spellings, letters, size) : 0;
    uint32_t row = (uint32_t)circle->row_count - 1;
    besides[circle->beside_count++] = (Beside){sound, row, (uint32_t)at, (uint8_t)size, (uint8_t)manner, (int8_t)step};
    circle->rows[row].is_put_off = 1;
    return 0;
}

/* A word written as two: the other half stands beside this one. */
static int put_off_half(const Asking *asking, const Probe *probe, Circle *circle, const Text *whole)
{
    int size = probe->text->size, rest = whole->size - size;
    const char *half = probe->text->letters;
    if (size < NAME_MIN || rest < NAME_MIN) {
        circle->row_count--;
        return 0;
    }
    int found = 0;
    if (probe->reach == OWN && !memcmp(whole->letters, half, (size_t)size)) {
        found = 1;
        if (put_off(asking, circle, whole->letters + size, rest, 1, IS_BASE))
            return -1;
    }
    if (ends_with(whole->letters, whole->size, half, size)) {
        found = 1;
        if (put_off(asking, circle, whole->letters, rest, -1, IS))
            return -1;
    }
    circle->row_count -= !found;
    return 0;
}

/* A name that stands only behind its article: `senses.Name.needs_article`. */
static int needs_article(const Asker *self, uint32_t number, const Text *core)
{
    Text words[WORDS_MAX], form;
    if (cut_spelling(self, number, 0, words) < 2)
        return 0;
    normal_form(&self->tables.spellings, core->letters, core->size, &form);
    return form.size <= NAME_MIN || lists_of(self->tables.lists, core->letters, core->size) & IN_ORDINARY;
}

/* A word of a phrase that is inflected freely, or not at all: only its last word may be another than is listed. `senses.Phrase`. */
static int put_off_phrase(const Asking *asking, const Probe *probe, Circle *circle, int way, uint32_t number, int flags)
{
    Text words[WORDS_MAX];
    int count = cut_spelling(asking->asker, number, 0, words), at = way == VERBAL ? count - 1 : 0;
    while (way != VERBAL && at < count && !is_same(&words[at], probe->text))
        at++;
    if (count < 2 || at == count)
        return 0;
    int beside = at ? at - 1 : 1, may_vary = beside == count - 1 && !(flags & EXACTLY);
    const Text *near = &words[beside];
    int manner = !may_vary ? IS : near->letters[0] <= '9' ? EXTENDS : BEGINS_LIKE;
    return put_off(asking, circle, near->letters, near->size, at ? -1 : 1, manner);
}

/* Put the last row off until a word stands beside that belongs to its spelling, where it is known which. */
static int put_off_row(const Asking *asking, const Probe *probe, Circle *circle, int way, uint32_t number)
{
    const Asker *self = asking->asker;
    int is_name = way == COMMON || way == FORM || way == OUTLINE || way == WORN;
    int flags = self->levels[((const uint8_t *)self->manners.buf)[number]];
    int is_phrase = way == PHRASE || way == INFLECTED;
    if (way == VERBAL || (is_phrase && flags & (WORDLY | EXACTLY)))
        return put_off_phrase(asking, probe, circle, way, number, flags);
    if (way != HALF && !is_name && !is_phrase)
        return 0;
    Text words[WORDS_MAX];
    int count = cut_spelling(self, number, is_name, words);
    if (way == HALF)
        return count == 1 ? put_off_half(asking, probe, circle, &words[0]) : 0;
    if (is_name && count == 1) {
        return needs_article(self, number, &words[0]) ? put_off(asking, circle, "", 0, -1, IS_LINK) : 0;
    }
    if (count < 2)
        return 0;
    const char *letters = probe->text->letters;
    uint64_t size = (uint64_t)probe->text->size;
    if (is_name) {
        uint32_t anchor = ((const uint32_t *)self->anchor_of.buf)[number];
        const uint64_t *ends = self->anchor_ends.buf;
        letters = (const char *)self->anchor_texts.buf + ends[anchor];
        size = ends[anchor + 1] - ends[anchor];
    }
    for (int at = 0; at < count; at++)
        if ((uint64_t)words[at].size == size && !memcmp(words[at].letters, letters, size)) {
            const Text *near = &words[at ? at - 1 : 1];
            return put_off(asking, circle, near->letters, near->size, at ? -1 : 1, SOUNDS_LIKE);
        }
    return 0;
}

int add_row(const Asking *asking, const Probe *probe, Circle *circle, int way, uint32_t number, int near)
{
    Row *rows = room_for(circle->rows, circle->row_count + 1, &circle->row_room, sizeof *rows);
    if (!rows)
        return -1;
    circle->rows = rows;
    int64_t text = keep(circle, probe->text->letters, probe->text->size);
    if (text < 0)
        return -1;
    uint8_t size = (uint8_t)probe->text->size;
    rows[circle->row_count++] = (Row){number, (uint32_t)text, size, (uint8_t)way, (uint8_t)probe->reach, 0, (int8_t)near};
    return put_off_row(asking, probe, circle, way, number);
}

Circle *new_circle(Asker *asker, PyObject *word)
{
    Circle *circle = allocated(circle_class);
    if (circle) {
        Py_INCREF((PyObject *)asker);
        circle->asker = asker;
        Py_INCREF(word);
        circle->word = word;
    }
    return circle;
}

static PyObject *row_of(const Circle *self, size_t at)
{
    const Row *row = &self->rows[at];
    const char *text = self->letters + row->text;
    return Py_BuildValue("(Ois#iIi)", self->word, row->reach, text, (Py_ssize_t)row->text_size, row->way, row->number, row->near);
}

static PyObject *circle_now(Circle *self, PyObject *unused)
{
    (void)unused;
    PyObject *found = PyList_New(0);
    for (size_t at = 0; found && at < self->row_count; at++) {
        if (self->rows[at].is_put_off)
            continue;
        PyObject *row = row_of(self, at);
        if (!row || PyList_Append(found, row))
            Py_CLEAR(found);
        Py_XDECREF(row);
    }
    return found;
}

static PyObject *circle_row(Circle *self, PyObject *number)
{
    size_t at = PyLong_AsSize_t(number);
    if (PyErr_Occurred())
        return NULL;
    if (at >= self->row_count) {
        PyErr_SetString(PyExc_IndexError, "no such row");
        return NULL;
    }
    return row_of(self, at);
}

/* How many spellings of several words are put off, as phrases and as names. */
static PyObject *circle_several(Circle *self, PyObject *unused)
{
    (void)unused;
    PyObject *seen = PySet_New(NULL);
    for (size_t at = 0; seen && at < self->beside_count; at++) {
        const Beside *beside = &self->besides[at];
        const Row *row = &self->rows[beside->row];
        if (beside->manner != SOUNDS_LIKE)
            continue;
        PyObject *key = PyLong_FromUnsignedLongLong((uint64_t)row->number << 1 | (row->way < COMMON));
        if (!key || PySet_Add(seen, key))
            Py_CLEAR(seen);
        Py_XDECREF(key);
    }
    Py_ssize_t count = seen ? PySet_Size(seen) : -1;
    Py_XDECREF(seen);
    return count < 0 ? NULL : PyLong_FromSsize_t(count);
}

int is_circle(PyObject *object)
{
    return PyObject_TypeCheck(object, circle_class);
}

/* A group may be listed in the plural: Houthi rebels, Houthi rebel. */
static void add_plurals(const Spellings *spellings, Neighbour *near)
{
    static const char *const endings[] = {"s", "es", "ies"};
    char letters[WORD_MAX + 4];
    for (int at = 0; at < 3 && near->letters[0] > '9' && near->size < WORD_MAX; at++) {
        int size = near->size - (at == 2), length = (int)strlen(endings[at]);
        if (at == 2 && near->letters[near->size - 1] != 'y')
            break;
        memcpy(letters, near->letters, (size_t)size);
        memcpy(letters + size, endings[at], (size_t)length);
        if (size + length <= WORD_MAX)
            near->sounds[near->sound_count++] = sound_of(spellings, letters, size + length);
    }
}

void meet(PyObject *circle, const char *letters, Py_ssize_t size, Neighbour *near)
{
    const Asker *asker = ((Circle *)circle)->asker;
    near->letters = letters;
    near->is_known = letters && may_be_listed(letters, size);
    near->size = near->is_known ? (int)size : 0;
    near->is_link = near->sound_count = 0;
    if (!near->is_known)
        return;
    near->is_link = size <= LINK_MAX && lists_of(asker->tables.lists, letters, near->size) & IN_LINKS;
    int article = unlinked(letters, near->size, 1);
    near->sounds[near->sound_count++] = sound_of(&asker->tables.spellings, letters, near->size);
    if (article)
        near->sounds[near->sound_count++] = sound_of(&asker->tables.spellings, letters + article, near->size - article);
    add_plurals(&asker->tables.spellings, near);
    Text bases[2], meant[ORTHOGRAPHIES_MAX];
    for (int at = 0, count = letters[0] > '9' ? carried(&asker->tables.spellings, letters, near->size, meant) : 0; at < count; at++)
        near->sounds[near->sound_count++] = sound_of(&asker->tables.spellings, meant[at].letters, meant[at].size);
    int is_plural = letters[0] <= '9' && letters[near->size - 1] == 's' && near->size > 1; /* short ones as well */
    if (is_plural)
        near->sounds[near->sound_count++] = sound_of(&asker->tables.spellings, letters, near->size - 1);
    for (int at = 0, count = is_plural ? 0 : singulars(letters, near->size, bases); at < count; at++)
        near->sounds[near->sound_count++] = sound_of(&asker->tables.spellings, bases[at].letters, bases[at].size);
}

static int is_word(const char *letters, int size, const char *other, int other_size)
{
    return size == other_size && !memcmp(letters, other, (size_t)size);
}

static int is_half(const char *letters, int size, const Neighbour *near, int manner)
{
    if (near->size < size)
        return 0;
    if (is_word(near->letters, near->size, letters, size))
        return 1;
    Text bases[2];
    int count = manner == IS_BASE ? singulars(near->letters, near->size, bases) : 0;
    for (int at = 0; at < count; at++)
        if (is_word(bases[at].letters, bases[at].size, letters, size))
            return 1;
    return 0;
}

/* Whether a neighbour may be the word that must stand there: no if it surely is not. */
static int may_stand(const Circle *self, const Beside *beside, const Neighbour *near)
{
    const char *letters = self->letters + beside->letters;
    const Spellings *spellings = &self->asker->tables.spellings;
    if (beside->manner == IS_LINK)
        return near->is_link || !near->is_known;
    if (!near->is_known)
        return 1;
    if (beside->manner == EXTENDS)
        return near->size >= beside->size && !memcmp(near->letters, letters, beside->size);
    if (beside->manner == BEGINS_LIKE)
        return near->letters[0] == letters[0];
    if (beside->manner != SOUNDS_LIKE)
        return is_half(letters, beside->size, near, beside->manner);
    for (int at = 0; at < near->sound_count; at++)
        if (near->sounds[at] == beside->sound)
            return 1;
    if (self->is_strict || beside->size < LOOSE_MIN || letters[0] <= '9' || near->letters[0] <= '9')
        return 0;
    if (near->size > beside->size + 2 || near->size < beside->size - 2)
        return 0;
    if (osa_distance(letters, beside->size, near->letters, near->size) <= 1)
        return 1;
    if (beside->size < EDGE_MIN)
        return 0;
    Text form, other;
    normal_form(spellings, letters, beside->size, &form);
    normal_form(spellings, near->letters, near->size, &other);
    return distance(&form, &other) <= 1;
}

static int is_near_enough(const Beside *beside, int step, int is_next)
{
    return beside->step == step && (is_next || beside->manner == SOUNDS_LIKE);
}

/* Where among the sounds of one side a sound would stand. */
static size_t place_of(const Circle *self, size_t first, size_t count, uint64_t sound)
{
    while (count) {
        size_t half = count / 2;
        if (self->besides[first + half].sound < sound) {
            first += half + 1;
            count -= half + 1;
        } else
            count = half;
    }
    return first;
}

static int add_row_of(const Beside *beside, PyObject *found)
{
    PyObject *number = found ? PyLong_FromUnsignedLong(beside->row) : NULL;
    int failed = found && (!number || PySet_Add(found, number));
    Py_XDECREF(number);
    return failed ? -1 : 1;
}

/* Whether some of these may stand beside a neighbour. Without `found` the first one suffices; else their rows go there. */
static int stand(const Circle *self, const Neighbour *near, int step, int is_next, PyObject *found)
{
    size_t first = step < 0 ? 0 : self->sound_counts[0], count = self->sound_counts[step > 0];
    int any = 0;
    for (int each = 0; each < (near->is_known ? near->sound_count : 1); each++) {
        size_t at = near->is_known ? place_of(self, first, count, near->sounds[each]) : first;
        for (; at < first + count && (!near->is_known || self->besides[at].sound == near->sounds[each]); at++)
            if ((any = add_row_of(&self->besides[at], found)) < 0 || !found)
                return any;
    }
    for (size_t at = self->sound_counts[0] + self->sound_counts[1]; at < self->beside_count; at++) {
        const Beside *beside = &self->besides[at];
        if (!is_near_enough(beside, step, is_next) || !may_stand(self, beside, near))
            continue;
        if ((any = add_row_of(beside, found)) < 0 || !found)
            return any;
    }
    return any;
}

int may_stand_beside(PyObject *circle, const Neighbour *near, int step, int is_next)
{
    return stand((const Circle *)circle, near, step, is_next, NULL);
}

static PyObject *circle_around(Circle *self, PyObject *args)
{
    PyObject *words;
    Py_ssize_t place;
    if (!PyArg_ParseTuple(args, "O!n", &PyList_Type, &words, &place))
        return NULL;
    PyObject *found = PySet_New(NULL);
    for (int step = -1; found && step < 2; step += 2) {
        for (Py_ssize_t at = place + step; found && at >= 0 && at < PyList_Size(words) && (at - place) * step <= REACH; at += step) {
            Py_ssize_t size = 0;
            const char *letters = PyUnicode_AsUTF8AndSize(PyList_GetItem(words, at), &size);
            if (!letters)
                PyErr_Clear();
            Neighbour near;
            meet((PyObject *)self, letters, size, &near);
            if (stand(self, &near, step, at == place + step, found) < 0)
                Py_CLEAR(found);
            if (!near.is_link)
                break;
        }
    }
    return found;
}

static int in_order(const void *one, const void *other)
{
    const Beside *first = one, *second = other;
    int is_other = first->manner != SOUNDS_LIKE, are_other = second->manner != SOUNDS_LIKE;
    if (is_other != are_other)
        return is_other - are_other;
    if (first->step != second->step)
        return first->step - second->step;
    return first->sound < second->sound ? -1 : first->sound > second->sound;
}

static PyObject *circle_close(Circle *self, PyObject *strict)
{
    self->is_strict = PyObject_IsTrue(strict);
    if (self->is_strict < 0)
        return NULL;
    self->sound_counts[0] = self->sound_counts[1] = 0;
    if (self->is_strict) {
        qsort(self->besides, self->beside_count, sizeof *self->besides, in_order);
        for (size_t at = 0; at < self->beside_count; at++)
            if (self->besides[at].manner == SOUNDS_LIKE)
                self->sound_counts[self->besides[at].step > 0]++;
    }
    Py_RETURN_NONE;
}

static void circle_dealloc(Circle *self)
{
    Py_XDECREF((PyObject *)self->asker);
    Py_XDECREF(self->word);
    PyMem_Free(self->rows);
    PyMem_Free(self->besides);
    PyMem_Free(self->letters);
    freed(self);
}

static PyObject *circle_word(Circle *self, void *unused)
{
    (void)unused;
    Py_INCREF(self->word);
    return self->word;
}

static PyObject *circle_waiting(Circle *self, void *unused)
{
    (void)unused;
    return PyLong_FromSize_t(self->beside_count);
}

static PyMethodDef circle_methods[] = {
    {"now", (PyCFunction)circle_now, METH_NOARGS, NULL},
    {"row", (PyCFunction)circle_row, METH_O, NULL},
    {"several", (PyCFunction)circle_several, METH_NOARGS, NULL},
    {"around", (PyCFunction)circle_around, METH_VARARGS, NULL},
    {"close", (PyCFunction)circle_close, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};
static PyGetSetDef circle_getset[] = {
    {"word", (getter)circle_word, NULL, NULL, NULL},
    {"waiting", (getter)circle_waiting, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};
static PyType_Slot circle_slots[] = {
    {Py_tp_dealloc, circle_dealloc}, {Py_tp_methods, circle_methods}, {Py_tp_getset, circle_getset}, {0, NULL},
};
static PyType_Spec circle_spec = {
    "alerts.matching.native._native.Circle", sizeof(Circle), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, circle_slots,
};

PyObject *circle_type(PyObject *module)
{
    return type_of(module, &circle_spec, &circle_class);
}
