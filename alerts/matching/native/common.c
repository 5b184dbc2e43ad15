/* Whether a word is common: the functions of `alerts.text.common`. */
#include "native.h"

int is_in(PyObject *listed, const char *letters, int size)
{
    PyObject *word = PyUnicode_FromStringAndSize(letters, size);
    int found = word ? PyDict_Contains(listed, word) : -1;
    Py_XDECREF(word);
    return found;
}

/* Whether a word is a common one with an ending; -1 with an exception set. So are the next two. */
static int is_derived(const Commons *commons, const char *word, int size)
{
    static const char *const endings[] = {"ing", "ed", "er", "ers", "ness", "ly", "est"};
    for (size_t at = 0; at < sizeof endings / sizeof *endings; at++) {
        int length = (int)strlen(endings[at]);
        if (!ends_with(word, size, endings[at], length))
            continue;
        int stem = size - length, found = is_in(commons->stems, word, stem);
        int is_doubled = stem > 3 && word[stem - 1] == word[stem - 2];
        return found || !is_doubled ? found : is_in(commons->words, word, stem - 1);
    }
    return 0;
}

static int is_inflected(const Commons *commons, const char *word, int size)
{
    int found = is_derived(commons, word, size);
    Text bases[2];
    int count = found ? 0 : singulars(word, size, bases);
    for (int at = 0; at < count && !found; at++) {
        found = is_in(commons->words, bases[at].letters, bases[at].size);
        if (!found)
            found = is_derived(commons, bases[at].letters, bases[at].size);
    }
    return found;
}

int is_common(const Commons *commons, const char *word, int size)
{
    int found = is_in(commons->all, word, size);
    return found ? found : is_inflected(commons, word, size);
}

int listed_from(PyObject *about, const char *name, PyObject **listed)
{
    *listed = PyMapping_GetItemString(about, name);
    if (*listed && !PyDict_Check(*listed)) {
        PyErr_Format(PyExc_TypeError, "%s: no dict", name);
        Py_CLEAR(*listed);
    }
    return *listed ? 0 : -1;
}

int commons_from(PyObject *about, Commons *commons)
{
    return listed_from(about, "common", &commons->all) || listed_from(about, "words", &commons->words)
            || listed_from(about, "stems", &commons->stems)
        ? -1
        : 0;
}

void commons_free(Commons *commons)
{
    Py_CLEAR(commons->all);
    Py_CLEAR(commons->words);
    Py_CLEAR(commons->stems);
}
