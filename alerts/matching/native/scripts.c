/* `Scripts`: what `alerts.text.scripts` does for words of letters that are all of one of its scripts. */
#include "scripts.h"

static PyTypeObject *scripts_class;

int has_letter(const Foreign *word, uint16_t letter)
{
    for (int at = 0; at < word->size; at++)
        if (word->letters[at] == letter)
            return 1;
    return 0;
}

/* All letters of these scripts are of two bytes. */
int foreign_from(const Scripts *self, const char *letters, Py_ssize_t size, Foreign *word)
{
    word->script = UNKNOWN_SCRIPT;
    if (!size || size % 2 || size > 2 * FOREIGN_MAX)
        return UNKNOWN_SCRIPT;
    word->size = (int)size / 2;
    for (int at = 0; at < word->size; at++) {
        unsigned first = (uint8_t)letters[2 * at], second = (uint8_t)letters[2 * at + 1], code = (first & 0x1F) << 6 | (second & 0x3F);
        if (first >> 5 != 6 || second >> 6 != 2 || code >= CODES || !self->script_of[code])
            return UNKNOWN_SCRIPT;
        word->letters[at] = (uint16_t)code;
        if (self->script_of[code] != self->script_of[word->letters[0]])
            return UNKNOWN_SCRIPT;
    }
    return word->script = self->script_of[word->letters[0]];
}

int utf8_of(const uint16_t *letters, int size, char *into)
{
    for (int at = 0; at < size; at++) {
        into[2 * at] = (char)(0xC0 | letters[at] >> 6);
        into[2 * at + 1] = (char)(0x80 | (letters[at] & 0x3F));
    }
    return 2 * size;
}

/* `_letters_at` */
int letters_at(const Scripts *self, const Foreign *word, int at, const Letter *found[GROUP_MAX])
{
    int count = 0, code = word->letters[at];
    for (int each = self->first_of[code]; each < self->first_of[code + 1]; each++) {
        const Letter *letter = &self->letters[each];
        int same = 1; /* the first letter is */
        while (same < letter->size && same < word->size - at && letter->group[same] == word->letters[at + same])
            same++;
        if (same < letter->size)
            continue;
        found[count++] = letter;
        if (letter->size > 1 && letter->group[letter->size - 1] == END_MARK)
            break;
    }
    return count;
}

static int is_silent(const Letter *letter)
{
    for (int at = 0; at < letter->class_count; at++)
        if (letter->classes[at].size == 1 && letter->classes[at].letters[0] == '.')
            return 1;
    return 0;
}

enum { VE = 0x432, ARABIC_WAW = 0x648, HEBREW_WAW = 0x5D5, ARABIC_HA = 0x647 };

static int is_vowel_behind(int code)
{
    return code == 0x627 || code == 0x64A || code == 0x647 || code == 0x5D0 || code == 0x5D9 || code == 0x5D4; /* ا ي ه א י ה */
}

/* The classes of a letter of a stem beside the next one, which may be none: `_foreign_classes`. */
static int classes_of(const Letter *letter, const Letter *after, int is_first, int is_kurdish, const Small **classes)
{
    static const Small fricative[] = {{1, "F"}}, vowel_or_fricative[] = {{1, "."}, {1, "F"}}, vowel_or_breath[] = {{1, "."}, {1, "H"}};
    int code = letter->size == 1 ? letter->group[0] : 0;
    *classes = letter->classes;
    if (code == VE && (!after || (after->size == 1 && after->group[0] == END_MARK) || !is_silent(after))) {
        *classes = fricative;
        return 1;
    }
    if ((code == ARABIC_WAW || code == HEBREW_WAW) && after && is_vowel_behind(after->group[0]))
        *classes = vowel_or_fricative;
    else if (code == ARABIC_HA && !is_first && is_kurdish)
        *classes = vowel_or_breath;
    else
        return letter->class_count;
    return 2;
}

static int add_key(const Text *classes, Text *keys, int count)
{
    for (int once = 0; once < 2; once++) {
        Text *key = &keys[count];
        sound_key(classes, once, key);
        int is_new = key->size >= SOUNDS_MIN;
        for (int at = 0; at < count && is_new; at++)
            is_new = !is_same(&keys[at], key);
        count += is_new;
    }
    return count;
}

int keys_of_stem(const Scripts *self, const Stem *stem, Text *keys)
{
    const Letter *letters[FOREIGN_MAX + 2], *found[GROUP_MAX];
    const Small *options[FOREIGN_MAX + 2];
    int counts[FOREIGN_MAX + 2], chosen[FOREIGN_MAX + 2] = {0}, size = 0, is_kurdish = 0, key_count = 0;
    for (int at = 0, step; at < stem->word.size; at += step) {
        step = 1;
        if (letters_at(self, &stem->word, at, found)) {
            letters[size++] = found[0];
            step = found[0]->size;
        }
    }
    for (int at = 0; at < stem->word.size; at++)
        is_kurdish |= has_letter(&self->kurdish, stem->word.letters[at]);
    for (int at = 0; at < size; at++)
        counts[at] = classes_of(letters[at], at + 1 < size ? letters[at + 1] : NULL, !at, is_kurdish, &options[at]);
    for (int each = 0, last = 0; each < KEYS_MAX && last >= 0; each++) {
        Text classes = {0, ""};
        for (int at = 0; at < size; at++) {
            const Small *one = &options[at][chosen[at]];
            memcpy(classes.letters + classes.size, one->letters, (size_t)one->size);
            classes.size += one->size;
        }
        key_count = add_key(&classes, keys, key_count);
        for (last = size - 1; last >= 0 && ++chosen[last] == counts[last]; last--)
            chosen[last] = 0;
    }
    return key_count;
}

/* A word to be taken apart here, with its stems; what it is not, that is left to Python: 0. */
static int is_ours(const Scripts *self, const char *letters, Py_ssize_t size, Foreign *word, Stems *stems)
{
    if (!foreign_from(self, letters, size, word) || word->size > LETTERS_MAX)
        return 0;
    find_stems(self, word, stems);
    return !stems->is_too_many;
}

static PyObject *key_set(const Scripts *self, const Stems *stems)
{
    PyObject *found = PySet_New(NULL);
    for (int at = 0; found && at < stems->count; at++) {
        Text keys[2 * KEYS_MAX];
        int count = keys_of_stem(self, &stems->stems[at], keys);
        for (int each = 0; found && each < count; each++) {
            PyObject *key = PyUnicode_FromStringAndSize(keys[each].letters, keys[each].size);
            if (!key || PySet_Add(found, key))
                Py_CLEAR(found);
            Py_XDECREF(key);
        }
    }
    return found;
}

static const char *utf8_or_none(PyObject *word, Py_ssize_t *size)
{
    const char *letters = PyUnicode_AsUTF8AndSize(word, size);
    if (!letters && PyErr_ExceptionMatches(PyExc_UnicodeEncodeError)) { /* a surrogate */
        PyErr_Clear();
        *size = 0;
        return "";
    }
    return letters;
}

static PyObject *scripts_skeletons(Scripts *self, PyObject *word)
{
    Py_ssize_t size;
    const char *letters = utf8_or_none(word, &size);
    if (!letters)
        return NULL;
    Foreign foreign;
    Stems *stems = PyMem_Malloc(sizeof *stems);
    if (!stems)
        return PyErr_NoMemory();
    PyObject *found = NULL;
    if (is_ours(self, letters, size, &foreign, stems)) {
        int ordinary = is_ordinary(self, &foreign, stems);
        found = ordinary < 0 ? NULL : ordinary ? PySet_New(NULL) : key_set(self, stems);
    } else {
        Py_INCREF(Py_None);
        found = Py_None;
    }
    PyMem_Free(stems);
    return found;
}

static int is_ascii(const char *letters, Py_ssize_t size)
{
    for (Py_ssize_t at = 0; at < size; at++)
        if (letters[at] & 0x80)
            return 0;
    return size > 0 && size <= LETTERS_MAX;
}

/* The Latin letters to be held against a word, in `pure`; 0 where Python must do it. */
static int latin_of(const Scripts *self, const char *letters, Py_ssize_t size, Text *pure)
{
    Foreign word;
    Text latin;
    if (is_ascii(letters, size)) {
        purify(letters, (int)size, pure);
        return 1;
    }
    if (!foreign_from(self, letters, size, &word) || word.size > LETTERS_MAX || !romanise(self, &word, &latin))
        return 0;
    purify(latin.letters, latin.size, pure);
    return 1;
}

/* `scripts.agreement` before it is a score: what it costs, or -1; None where that is for Python to say. */
static PyObject *scripts_cost(Scripts *self, PyObject *args)
{
    PyObject *listed, *other;
    int told;
    Py_ssize_t listed_size, size;
    if (!PyArg_ParseTuple(args, "O!O!p", &PyUnicode_Type, &listed, &PyUnicode_Type, &other, &told))
        return NULL;
    const char *latin = utf8_or_none(listed, &listed_size), *letters = latin ? utf8_or_none(other, &size) : NULL;
    if (!letters)
        return NULL;
    if (is_ascii(letters, size)) {
        const char *swapped = latin;
        Py_ssize_t swapped_size = listed_size;
        latin = letters;
        letters = swapped;
        listed_size = size;
        size = swapped_size;
    }
    Foreign word, first;
    Text pure;
    Stems *stems = PyMem_Malloc(sizeof *stems);
    if (!stems)
        return PyErr_NoMemory();
    PyObject *found = Py_None;
    Py_INCREF(found);
    if (latin_of(self, latin, listed_size, &pure) && is_ours(self, letters, size, &word, stems)) {
        int is_one_script = foreign_from(self, latin, listed_size, &first) == word.script;
        Py_DECREF(found);
        found = PyFloat_FromDouble(is_one_script ? -1.0 : cheapest(self, stems, &pure, told));
    }
    PyMem_Free(stems);
    return found;
}

static int take_small(PyObject *text, Small *small)
{
    Py_ssize_t size;
    const char *letters = text ? PyUnicode_AsUTF8AndSize(text, &size) : NULL;
    if (!letters)
        return -1;
    if (size > SMALL_MAX) {
        PyErr_Format(PyExc_ValueError, "%zd bytes are more than a few letters", size);
        return -1;
    }
    small->size = (int)size;
    memcpy(small->letters, letters, (size_t)size);
    return 0;
}

/* Code points of these scripts, or the end mark. */
static int take_codes(PyObject *text, uint16_t *codes, Py_ssize_t room)
{
    Py_UCS4 found[FOREIGN_MAX + 1];
    Py_ssize_t size = text && PyUnicode_Check(text) ? PyUnicode_GetLength(text) : -1;
    if (size < 0 || size > room) {
        PyErr_SetString(PyExc_ValueError, "letters: none, or too many");
        return -1;
    }
    if (!PyUnicode_AsUCS4(text, found, FOREIGN_MAX + 1, 0))
        return -1;
    for (Py_ssize_t at = 0; at < size; at++) {
        if (found[at] >= CODES) {
            PyErr_SetString(PyExc_ValueError, "letters: of no script that is known here");
            return -1;
        }
        codes[at] = (uint16_t)found[at];
    }
    return (int)size;
}

static int take_several(PyObject *texts, Small *several, int room)
{
    Py_ssize_t count = texts ? PySequence_Size(texts) : -1;
    if (count > room)
        PyErr_SetString(PyExc_ValueError, "more than a few");
    for (Py_ssize_t at = 0; at < count && count <= room; at++) {
        PyObject *text = PySequence_GetItem(texts, at);
        int failed = take_small(text, &several[at]);
        Py_XDECREF(text);
        if (failed)
            return -1;
    }
    return count < 0 || count > room ? -1 : (int)count;
}

static int take_affixes(PyObject *about, const char *name, int least, Affixes *affixes)
{
    PyObject *pairs = borrowed(about, name);
    Py_ssize_t count = pairs ? PySequence_Size(pairs) : -1;
    if (count < 0)
        return -1;
    if (count < least) {
        PyErr_Format(PyExc_ValueError, "%s: too few", name);
        return -1;
    }
    affixes->affixes = PyMem_Calloc((size_t)count + 1, sizeof *affixes->affixes);
    if (!affixes->affixes) {
        PyErr_NoMemory();
        return -1;
    }
    for (affixes->count = 0; affixes->count < count; affixes->count++) {
        Affix *affix = &affixes->affixes[affixes->count];
        PyObject *pair = PySequence_GetItem(pairs, affixes->count), *letters, *several;
        int failed = !pair || !PyArg_ParseTuple(pair, "OO", &letters, &several)
            || (affix->size = take_codes(letters, affix->letters, ENDING_MAX)) < 0
            || (affix->count = take_several(several, affix->several, SEVERAL_MAX)) < 0;
        Py_XDECREF(pair);
        if (failed)
            return -1;
    }
    return 0;
}

static int take_numbers(PyObject *about, const char *name, double *numbers, Py_ssize_t count)
{
    PyObject *found = borrowed(about, name);
    if (!found || PySequence_Size(found) != count) {
        if (!PyErr_Occurred())
            PyErr_Format(PyExc_ValueError, "%s: %zd numbers", name, count);
        return -1;
    }
    for (Py_ssize_t at = 0; at < count; at++) {
        PyObject *number = PySequence_GetItem(found, at);
        numbers[at] = number ? PyFloat_AsDouble(number) : 0.0;
        Py_XDECREF(number);
    }
    return PyErr_Occurred() ? -1 : 0;
}

static int take_prices(Scripts *self, PyObject *about)
{
    double prices[8];
    if (take_numbers(about, "limits", self->limits[0], 3 * LIMITS_MAX) || take_numbers(about, "unwritten", self->unwritten, UNWRITTEN_MAX)
        || take_numbers(about, "prices", prices, 8))
        return -1;
    self->preposition = prices[0];
    self->adjective = prices[1];
    self->initial_alif = prices[2];
    self->unwritten_cyrillic = prices[3];
    self->unwritten_glide = prices[4];
    self->unwritten_h = prices[5];
    self->unwritten_e = prices[6];
    self->unwritten_last = prices[7];
    return 0;
}

static int take_spelt(Scripts *self, Letter *letter, PyObject *spellings, Py_ssize_t *used, Py_ssize_t room)
{
    letter->spelt = &self->spelt[*used];
    letter->spelt_count = (int)PySequence_Size(spellings);
    if (letter->spelt_count < 1 || *used + letter->spelt_count > room) {
        PyErr_SetString(PyExc_ValueError, "letters: a letter without spellings");
        return -1;
    }
    for (int at = 0; at < letter->spelt_count; at++) {
        Spelt *spelt = &self->spelt[(*used)++];
        PyObject *pair = PySequence_GetItem(spellings, at), *text;
        Small small;
        int failed = !pair || !PyArg_ParseTuple(pair, "Od", &text, &spelt->price) || take_small(text, &small);
        Py_XDECREF(pair);
        if (!failed && small.size > SPELT_MAX) {
            PyErr_SetString(PyExc_ValueError, "letters: a spelling of too many");
            failed = 1;
        }
        if (!failed) {
            spelt->size = small.size;
            memcpy(&spelt->letters, small.letters, (size_t)small.size);
            memset(&spelt->mask, 0xFF, (size_t)small.size);
            int hard = 0;
            for (int each = 0; each < small.size; each++)
                hard += is_hard(small.letters[each]);
            letter->hard_max = hard > letter->hard_max ? hard : letter->hard_max;
        }
        if (failed)
            return -1;
    }
    return 0;
}

/* How many spellings all letters have together; -1 with an exception set. */
static Py_ssize_t count_spelt(PyObject *letters)
{
    Py_ssize_t count = 0;
    for (Py_ssize_t at = 0; at < PySequence_Size(letters); at++) {
        PyObject *each = PySequence_GetItem(letters, at), *group, *classes, *spellings = NULL;
        Py_ssize_t size = each && PyArg_ParseTuple(each, "OOO", &group, &classes, &spellings) ? PySequence_Size(spellings) : -1;
        Py_XDECREF(each);
        if (size < 0)
            return -1;
        count += size;
    }
    return count;
}

static int take_letter(Scripts *self, PyObject *each, Letter *letter, Py_ssize_t *used, Py_ssize_t room)
{
    PyObject *group, *classes, *spellings;
    if (!PyArg_ParseTuple(each, "OOO", &group, &classes, &spellings) || (letter->size = take_codes(group, letter->group, GROUP_MAX)) < 0
        || (letter->class_count = take_several(classes, letter->classes, CLASSES_MAX)) < 0)
        return -1;
    if (!letter->size || !letter->class_count) {
        PyErr_SetString(PyExc_ValueError, "letters: none, or one without a class");
        return -1;
    }
    return take_spelt(self, letter, spellings, used, room);
}

/* In order of their first code, of each the longest first. */
static int take_letters(Scripts *self, PyObject *about)
{
    PyObject *letters = borrowed(about, "letters");
    Py_ssize_t count = letters ? PySequence_Size(letters) : -1, room = count < 0 ? -1 : count_spelt(letters), used = 0;
    if (room < 0)
        return -1;
    self->letters = PyMem_Calloc((size_t)count + 1, sizeof *self->letters);
    self->spelt = PyMem_Calloc((size_t)room + 1, sizeof *self->spelt);
    if (!self->letters || !self->spelt) {
        PyErr_NoMemory();
        return -1;
    }
    int code = 0;
    for (Py_ssize_t at = 0; at < count; at++) {
        Letter *letter = &self->letters[at];
        PyObject *each = PySequence_GetItem(letters, at);
        int failed = !each || take_letter(self, each, letter, &used, room);
        Py_XDECREF(each);
        if (failed)
            return -1;
        if (at > UINT16_MAX - 1 || letter->group[0] < code - 1) {
            PyErr_SetString(PyExc_ValueError, "letters: out of order");
            return -1;
        }
        while (code <= letter->group[0])
            self->first_of[code++] = (uint16_t)at;
    }
    while (code <= CODES)
        self->first_of[code++] = (uint16_t)count;
    return 0;
}

static int take_script_of(Scripts *self, PyObject *about)
{
    char *bytes;
    Py_ssize_t size;
    PyObject *scripts = borrowed(about, "scripts");
    if (!scripts || PyBytes_AsStringAndSize(scripts, &bytes, &size))
        return -1;
    int whole = size == CODES;
    for (Py_ssize_t at = 0; whole && at < size; at++)
        whole = bytes[at] >= 0 && bytes[at] <= GREEK;
    if (!whole) {
        PyErr_SetString(PyExc_ValueError, "scripts: a number for each code");
        return -1;
    }
    memcpy(self->script_of, bytes, CODES);
    return 0;
}

static int take_foreign(PyObject *about, const char *name, Foreign *word)
{
    PyObject *letters = borrowed(about, name);
    word->size = letters ? take_codes(letters, word->letters, FOREIGN_MAX) : -1;
    return word->size < 0 ? -1 : 0;
}

static int take_ordinary(Scripts *self, PyObject *about)
{
    self->ordinary = PyMapping_GetItemString(about, "ordinary");
    if (self->ordinary && !PyFrozenSet_Check(self->ordinary)) {
        PyErr_SetString(PyExc_TypeError, "ordinary: no frozenset");
        return -1;
    }
    return self->ordinary ? 0 : -1;
}

static int take_all(PyObject *object, PyObject *about)
{
    Scripts *self = (Scripts *)object;
    return take_script_of(self, about) || take_letters(self, about) || take_prices(self, about) || take_ordinary(self, about)
        || take_foreign(about, "vowels_doubled", &self->vowels_doubled) || take_foreign(about, "alifs", &self->alifs)
        || take_foreign(about, "kurdish", &self->kurdish) || take_affixes(about, "cases", 0, &self->cases)
        || take_affixes(about, "greek_cases", 0, &self->greek_cases) || take_affixes(about, "changed", 0, &self->changed)
        || take_affixes(about, "arabic_prefixes", 0, &self->arabic_prefixes)
        || take_affixes(about, "hebrew_prefixes", 0, &self->hebrew_prefixes) || take_affixes(about, "articles", 1, &self->articles)
        || take_affixes(about, "adjectives", 1, &self->adjectives) || take_affixes(about, "arabic_endings", 0, &self->arabic_endings)
        || take_affixes(about, "hebrew_endings", 1, &self->hebrew_endings) || take_affixes(about, "plurals", 1, &self->plurals);
}

static PyObject *scripts_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    return made_from(type, args, kwargs, take_all);
}

static void scripts_dealloc(Scripts *self)
{
    Affixes *affixes[] = {&self->cases, &self->greek_cases, &self->changed, &self->arabic_prefixes, &self->hebrew_prefixes,
                          &self->articles, &self->adjectives, &self->arabic_endings, &self->hebrew_endings, &self->plurals};
    for (size_t at = 0; at < sizeof affixes / sizeof *affixes; at++)
        PyMem_Free(affixes[at]->affixes);
    PyMem_Free(self->letters);
    PyMem_Free(self->spelt);
    Py_XDECREF(self->ordinary);
    freed(self);
}

Scripts *scripts_from(PyObject *about)
{
    return given(about, "scripts", scripts_class);
}

static PyMethodDef scripts_methods[] = {
    {"cost", (PyCFunction)scripts_cost, METH_VARARGS, NULL},
    {"skeletons", (PyCFunction)scripts_skeletons, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};
static PyType_Slot scripts_slots[] = {
    {Py_tp_new, scripts_new}, {Py_tp_dealloc, scripts_dealloc}, {Py_tp_methods, scripts_methods}, {0, NULL},
};
static PyType_Spec scripts_spec = {"alerts.matching.native._native.Scripts", sizeof(Scripts), 0, Py_TPFLAGS_DEFAULT, scripts_slots};

PyObject *scripts_type(PyObject *module)
{
    return type_of(module, &scripts_spec, &scripts_class);
}
