/* `Speller`: functions of `alerts.text` on many words at once, for compiling a list. Each gives None where a word is not of small ASCII
   letters, or is too long: then Python does all of them. */
#include "native.h"

enum { KEY_MIN = 2, KEY_MAX = 40 };

typedef struct {
    PyObject_HEAD
    Tables tables;
} Speller;

static int is_small(const char *word, Py_ssize_t size)
{
    for (Py_ssize_t at = 0; at < size; at++)
        if (word[at] < 'a' || word[at] > 'z')
            return 0;
    return size > 0 && size <= WORD_MAX;
}

/* A word of a list in its letters; NULL where it is none of ours, or with an exception set. */
static const char *word_at(PyObject *words, Py_ssize_t at, int *size)
{
    Py_ssize_t length;
    const char *letters = PyUnicode_AsUTF8AndSize(PyList_GetItem(words, at), &length);
    if (!letters) {
        if (PyErr_ExceptionMatches(PyExc_UnicodeEncodeError))
            PyErr_Clear();
        return NULL;
    }
    *size = (int)length;
    return is_small(letters, length) ? letters : NULL;
}

static PyObject *none_or_error(PyObject *made)
{
    Py_XDECREF(made);
    if (PyErr_Occurred())
        return NULL;
    Py_RETURN_NONE;
}

static PyObject *speller_forms(Speller *self, PyObject *words)
{
    if (!PyList_Check(words))
        return PyErr_Format(PyExc_TypeError, "a list of words");
    PyObject *forms = PyList_New(PyList_Size(words));
    for (Py_ssize_t at = 0; forms && at < PyList_Size(words); at++) {
        int size;
        const char *word = word_at(words, at, &size);
        if (!word)
            return none_or_error(forms);
        Text form;
        normal_form(&self->tables.spellings, word, size, &form);
        PyObject *text = PyUnicode_FromStringAndSize(form.letters, form.size);
        if (!text || PyList_SetItem(forms, at, text))
            return none_or_error(forms);
    }
    return forms;
}

static PyObject *speller_common(Speller *self, PyObject *words)
{
    if (!PyList_Check(words))
        return PyErr_Format(PyExc_TypeError, "a list of words");
    PyObject *flags = PyBytes_FromStringAndSize(NULL, PyList_Size(words));
    char *each = flags ? PyBytes_AsString(flags) : NULL;
    for (Py_ssize_t at = 0; flags && at < PyList_Size(words); at++) {
        int size;
        const char *word = word_at(words, at, &size);
        if (!word)
            return none_or_error(flags);
        each[at] = (char)is_common(self->tables.lists, word, size);
    }
    return flags;
}

static int is_soft(char letter)
{
    return is_vowel(letter) || letter == 'y' || letter == 'w';
}

/* `scripts._latin_outlines` */
static void sound_outline(const Pairs *sounds, const char *word, int size, Text *outlined)
{
    static const char from[] = "bcdfghjklmnpqrstvz", to[] = "BGDFGH2GLMNBGRST3S", doubled[] = "BDFGHJLMNRST";
    Text spelt;
    memcpy(spelt.letters, word, (size_t)size);
    spelt.size = size;
    replace_all(&spelt, sounds);
    if (spelt.size > 1 && spelt.letters[spelt.size - 1] == 'h' && is_vowel(spelt.letters[spelt.size - 2]))
        spelt.letters[spelt.size - 1] = '4';
    int at = 0;
    while (at < spelt.size && is_soft(spelt.letters[at]))
        at++;
    char last = 0;
    outlined->size = 0;
    if (at)
        outlined->letters[outlined->size++] = 'A';
    for (; at < spelt.size; at++) {
        char letter = spelt.letters[at];
        const char *place = letter >= 'a' && letter <= 'z' ? strchr(from, letter) : NULL;
        letter = place ? to[place - from] : letter;
        int is_again = letter == last && strchr(doubled, letter);
        last = letter;
        if (!is_again && !(letter >= 'a' && letter <= 'z'))
            outlined->letters[outlined->size++] = letter;
    }
}

/* `scripts._spelt_out` */
static int spell_out(const Text *outlined, Text spelt[SPELLINGS_MAX])
{
    static const char *const several[] = {"SH", "JH.", "F.", "H."};
    int count = 1;
    spelt[0] = *outlined;
    for (int at = 0; at < outlined->size; at++) {
        char digit = outlined->letters[at];
        if (digit < '1' || digit > '4')
            continue;
        Text more[SPELLINGS_MAX];
        int next = 0;
        for (int each = 0; each < count; each++)
            for (const char *letter = several[digit - '1']; *letter && next < SPELLINGS_MAX; letter++) {
                more[next] = spelt[each];
                char *first = memchr(more[next].letters, digit, (size_t)more[next].size);
                if (first)
                    *first = *letter;
                next++;
            }
        memcpy(spelt, more, (size_t)next * sizeof *more);
        count = next;
    }
    return count;
}

static int add_key(const Text *key, Text *keys, int count)
{
    for (int at = 0; at < count; at++)
        if (is_same(&keys[at], key))
            return count;
    if (key->size >= KEY_MIN)
        keys[count++] = *key;
    return count;
}

int sound_keys(const Pairs *sounds, const char *word, int size, Text keys[SOUNDS_MAX])
{
    Text outlined, spelt[SPELLINGS_MAX], key;
    sound_outline(sounds, word, size, &outlined);
    if (outlined.size > KEY_MAX || !outlined.size)
        return 0;
    int is_plain = 1, found = 0;
    for (int at = 0; at < outlined.size; at++)
        is_plain &= outlined.letters[at] > '9';
    if (is_plain)
        return add_key(&outlined, keys, 0);
    for (int each = 0, count = spell_out(&outlined, spelt); each < count; each++)
        for (int once = 0; once < 2; once++) {
            sound_key(&spelt[each], once, &key);
            found = add_key(&key, keys, found);
        }
    return found;
}

static PyObject *sounds_of(const Speller *self, const char *word, int size)
{
    Text keys[SOUNDS_MAX];
    PyObject *found = PySet_New(NULL);
    for (int at = 0, count = found ? sound_keys(&self->tables.sounds, word, size, keys) : 0; found && at < count; at++) {
        PyObject *text = PyUnicode_FromStringAndSize(keys[at].letters, keys[at].size);
        if (!text || PySet_Add(found, text))
            Py_CLEAR(found);
        Py_XDECREF(text);
    }
    return found;
}

static PyObject *speller_skeletons(Speller *self, PyObject *words)
{
    if (!PyList_Check(words))
        return PyErr_Format(PyExc_TypeError, "a list of words");
    PyObject *found = PyList_New(PyList_Size(words));
    for (Py_ssize_t at = 0; found && at < PyList_Size(words); at++) {
        int size;
        const char *word = word_at(words, at, &size);
        PyObject *keys = word ? sounds_of(self, word, size) : NULL;
        if (!keys || PyList_SetItem(found, at, keys))
            return none_or_error(found);
    }
    return found;
}

static int fill(PyObject *object, PyObject *about)
{
    return tables_from(about, &((Speller *)object)->tables);
}

static PyObject *speller_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    return made_from(type, args, kwargs, fill);
}

static void speller_dealloc(Speller *self)
{
    tables_free(&self->tables);
    freed(self);
}

static PyMethodDef speller_methods[] = {
    {"forms", (PyCFunction)speller_forms, METH_O, NULL},
    {"common", (PyCFunction)speller_common, METH_O, NULL},
    {"skeletons", (PyCFunction)speller_skeletons, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};
static PyType_Slot speller_slots[] = {
    {Py_tp_new, speller_new}, {Py_tp_dealloc, speller_dealloc}, {Py_tp_methods, speller_methods}, {0, NULL},
};
static PyType_Spec speller_spec = {"alerts.matching.native._native.Speller", sizeof(Speller), 0, Py_TPFLAGS_DEFAULT, speller_slots};

PyObject *speller_type(PyObject *module)
{
    return PyType_FromModuleAndSpec(module, &speller_spec, NULL);
}
