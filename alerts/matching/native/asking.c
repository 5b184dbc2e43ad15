/* `Asker`: what `alerts.matching.filing.Ask` and `index.Table` do, for words of ASCII letters. It leaves out only what these, and
   `likeness` behind them, would leave out. */
#include "asker.h"

static const uint8_t *bit_at(const Asker *self, uint64_t key)
{
    return (const uint8_t *)self->bits.buf + (key >> self->shift >> 3);
}

void probe(Asking *asking, uint64_t key, int reach, const Text *text)
{
    if (asking->probe_count == PROBES_MAX)
        return; /* cannot be: the longest word less any two letters is fewer */
    PREFETCH(bit_at(asking->asker, key));
    asking->probes[asking->probe_count++] = (Probe){key, reach, text};
}

void ask(Asking *asking, char kind, int reach, const Text *text)
{
    probe(asking, key_of(&asking->asker->sums, kind, text->letters, text->size), reach, text);
}

/* Under the text, and under what is left of it without a letter, or two. */
static void ask_worn(Asking *asking, const Text *text)
{
    uint64_t keys[PROBES_MAX];
    int count = worn_count(text->size, asking->asker->depth);
    if (count > PROBES_MAX)
        return; /* cannot be: no word that is asked for is so long */
    worn_keys(&asking->asker->sums, 'd', text->letters, text->size, asking->asker->depth, keys);
    for (int at = 0; at < count; at++)
        probe(asking, keys[at], WORN_REACH, text);
}

static void mean(Asking *asking, const char *word, int size, int glued)
{
    Meant *meant = &asking->meant[asking->meant_count];
    for (int at = 0; at < asking->meant_count; at++)
        if (asking->meant[at].word.size == size && !memcmp(asking->meant[at].word.letters, word, (size_t)size))
            return;
    set_text(&meant->word, word, size);
    normal_form(&asking->asker->tables.spellings, word, size, &meant->form);
    if (meant->form.size < NAME_MIN)
        return;
    outline(&meant->form, &meant->outlined);
    meant->even.size = -1;
    meant->glued = glued;
    asking->meant_count++;
}

static void find_readings(Asking *asking)
{
    const char *word = asking->word;
    int size = asking->size;
    mean(asking, word, size, 0);
    Text meant[ORTHOGRAPHIES_MAX];
    for (int at = 0, count = size >= ERROR_MIN ? carried(&asking->asker->tables.spellings, word, size, meant) : 0; at < count; at++)
        mean(asking, meant[at].letters, meant[at].size, 0);
    if (word[size - 1] != 's' && word[0] != 'a' && word[0] != 'e')
        return;
    int article = unlinked(word, size, 1);
    mean(asking, word + article, size - article, article != unlinked(word, size, 0));
    Text bases[2];
    int count = singulars(word, size, bases);
    for (int at = 0; at < count; at++)
        if (bases[at].size > LOOSE_MIN)
            mean(asking, bases[at].letters, bases[at].size, 0);
}

static void collect_name(Asking *asking)
{
    if (is_common(asking->asker->tables.lists, asking->word, asking->size))
        return;
    if (asking->asker->has_crossed)
        ask_crossed(asking);
    find_readings(asking);
    for (int at = 0; at < asking->meant_count; at++) {
        ask(asking, 'f', FORM_REACH, &asking->meant[at].form);
        ask(asking, 'o', OUTLINE_REACH, &asking->meant[at].outlined);
    }
    if (asking->size < asking->asker->letters_min)
        return;
    normal_form(&asking->asker->tables.spellings, asking->word, asking->size, &asking->own_form);
    ask_worn(asking, &asking->own);
    if (!is_same(&asking->own, &asking->own_form))
        ask_worn(asking, &asking->own_form);
}

/* The keys of a word, in `probes`. */
static void collect(Asking *asking)
{
    int size = asking->size, is_number = asking->word[0] >= '0' && asking->word[0] <= '9', has_letters = 0;
    set_text(&asking->own, asking->word, size);
    ask(asking, 'w', OWN, &asking->own);
    for (int at = 0; at < size; at++)
        has_letters |= asking->word[at] > '9';
    if (size > ASKED_MAX || !has_letters)
        return;
    int count = singulars(asking->word, size, asking->bases);
    for (int at = 0; at < count; at++)
        ask(asking, 'w', BASE, &asking->bases[at]);
    for (int end = 1; end < size && is_number; end++) {
        set_text(&asking->digits[end], asking->word, end);
        ask(asking, 'w', STEM, &asking->digits[end]);
    }
    if (is_number)
        return;
    if (asking->asker->has_verbs) {
        verb_stem(asking->word, size, &asking->stem);
        ask(asking, 'v', VERB, &asking->stem);
    }
    if (asking->asker->has_names || asking->asker->has_crossed)
        collect_name(asking);
}

/* Keys are hashes, spread evenly, so that a key says about where it is. */
static Py_ssize_t about_where(uint64_t key, Py_ssize_t count)
{
    return (Py_ssize_t)((double)key / 18446744073709551616.0 * (double)count);
}

/* The place of the first key that is not below one. */
static Py_ssize_t first_not_below(const uint64_t *keys, Py_ssize_t count, uint64_t key)
{
    Py_ssize_t about = about_where(key, count), low = about, high = about, step = 32;
    if (about >= count)
        low = high = count;
    while (low > 0 && keys[low - 1] >= key) {
        high = low - 1;
        low = low > step ? low - step : 0;
        step *= 2;
    }
    for (step = 32; high < count && keys[high] < key; step *= 2) {
        low = high + 1;
        high = high + step < count ? high + step : count;
    }
    while (low < high) {
        Py_ssize_t middle = low + (high - low) / 2;
        if (keys[middle] < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static Py_ssize_t key_count(const Asker *self)
{
    return self->keys.len / (Py_ssize_t)sizeof(uint64_t);
}

/* Leave those keys of a word that are surely not there. */
static void sift(Asking *asking)
{
    const Asker *self = asking->asker;
    int kept = 0;
    for (int at = 0; at < asking->probe_count; at++) {
        uint64_t key = asking->probes[at].key;
        if (!(*bit_at(self, key) >> (key >> self->shift & 7) & 1))
            continue;
        PREFETCH((const uint64_t *)self->keys.buf + about_where(key, key_count(self)));
        asking->probes[kept++] = asking->probes[at];
    }
    asking->probe_count = kept;
}

/* What is asked of a spelling comes from memory at once, not one after the other. */
static void prefetch(const Asker *self, uint32_t number)
{
    PREFETCH((const uint32_t *)self->anchor_of.buf + number);
    PREFETCH((const uint32_t *)self->fold_of.buf + number);
    PREFETCH((const uint64_t *)self->ends.buf + number);
    PREFETCH((const uint8_t *)self->manners.buf + number);
    PREFETCH((const uint8_t *)self->cores.buf + number);
}

static int add_postings(Asking *asking, const Probe *probe, Circle *circle)
{
    const Asker *self = asking->asker;
    const uint64_t *keys = self->keys.buf;
    const uint32_t *postings = self->postings.buf;
    Py_ssize_t count = key_count(self), first = first_not_below(keys, count, probe->key), last = first;
    while (last < count && keys[last] == probe->key)
        last++;
    if (last - first > self->shared_max[probe->reach])
        return 0;
    for (Py_ssize_t at = first; at < last; at++)
        prefetch(self, postings[at] >> WAY_BITS);
    if (probe->reach == SCRIPT_REACH)
        prepare_crossings(self, postings + first, last - first);
    for (Py_ssize_t at = first; at < last; at++) {
        int way = (int)(postings[at] & ((1u << WAY_BITS) - 1));
        uint32_t number = postings[at] >> WAY_BITS;
        if (!(self->leads[probe->reach] >> way & 1))
            continue;
        int near = nearness_of(asking, way, number);
        if (near != TOO_FAR && add_row(asking, probe, circle, way, number, near))
            return -1;
    }
    return 0;
}

/* Append the circle of a word whose keys have been collected to `found`, where there is anything in it. */
static int answer(Asking *asking, PyObject *found)
{
    const Asker *self = asking->asker;
    Circle *circle = NULL;
    int failed = 0;
    for (int at = 0; at < asking->probe_count && !failed; at++) {
        const Probe *probe = &asking->probes[at];
        if (!circle)
            circle = new_circle((Asker *)self, asking->listed);
        failed = !circle || add_postings(asking, probe, circle);
    }
    if (circle && circle->row_count && !failed)
        failed = PyList_Append(found, (PyObject *)circle);
    Py_XDECREF((PyObject *)circle);
    return failed ? -1 : 0;
}

/* Take up a word; `rest` has those that are not for here. */
static int begin(Asking *asking, const Asker *self, PyObject *word, PyObject *rest)
{
    Py_ssize_t size;
    const char *letters = word ? PyUnicode_AsUTF8AndSize(word, &size) : NULL;
    asking->asker = self;
    asking->word = letters;
    asking->size = asking->meant_count = asking->probe_count = asking->own_form.size = 0;
    asking->last_asked = -1;
    asking->listed = word;
    asking->is_foreign = asking->has_seen = 0;
    if (!letters) { /* a surrogate */
        if (!word || !PyErr_ExceptionMatches(PyExc_UnicodeEncodeError))
            return -1;
        PyErr_Clear();
        size = 0;
    }
    if (may_be_listed(letters, size))
        lists_ahead(self->tables.lists, letters, (int)size);
    else if (is_foreign_word(asking, self, letters, size))
        asking->is_foreign = 1;
    else
        return PyList_Append(rest, word);
    asking->size = (int)size;
    return 0;
}

/* The keys of a word; those of another script that has too many are left to Python. */
static int collect_any(Asking *asking, PyObject *rest)
{
    if (!asking->is_foreign) {
        collect(asking);
        return 0;
    }
    int failed = collect_foreign(asking);
    if (failed > 0) {
        asking->probe_count = 0;
        return PyList_Append(rest, asking->listed);
    }
    return failed;
}

enum { STAGES = 4 };

/* The words of a list are asked about in turn, STAGES at a time. Their room is large, so it is kept. */
static Asking *take_room(Asker *self)
{
    Asking *room = self->spare;
    self->spare = NULL;
    if (!room && !(room = PyMem_Malloc(STAGES * sizeof *room)))
        PyErr_NoMemory();
    return room;
}

static void give_back(Asker *self, Asking *room)
{
    if (self->spare)
        PyMem_Free(room);
    else
        self->spare = room;
}

/* Each word goes through its stages while those of the words before and behind it are at theirs: what a stage looks up comes from memory
   meanwhile. */
static int ask_all(Asker *self, PyObject *words, PyObject *found, PyObject *rest, Asking *room)
{
    Py_ssize_t count = PyList_Size(words);
    for (Py_ssize_t at = 0; at < count + STAGES - 1; at++) {
        Asking *stages[STAGES];
        for (int stage = 0; stage < STAGES; stage++) {
            Asking *asking = &room[(at - stage) & (STAGES - 1)];
            stages[stage] = at - stage >= 0 && at - stage < count ? asking : NULL;
        }
        if (stages[0] && begin(stages[0], self, PyList_GetItem(words, at), rest))
            return -1;
        if (stages[1] && stages[1]->size && collect_any(stages[1], rest))
            return -1;
        if (stages[2])
            sift(stages[2]);
        if (stages[3] && answer(stages[3], found))
            return -1;
    }
    return 0;
}

static PyObject *asker_ask(Asker *self, PyObject *words)
{
    PyObject *found = PyList_New(0), *rest = PyList_New(0), *every = PySequence_List(words); /* its own: nobody changes it meanwhile */
    Asking *room = take_room(self);
    int failed = !found || !rest || !every || !room || ask_all(self, every, found, rest, room);
    give_back(self, room);
    PyObject *answered = failed ? NULL : Py_BuildValue("(OO)", found, rest);
    Py_XDECREF(every);
    Py_XDECREF(found);
    Py_XDECREF(rest);
    return answered;
}

static PyObject *texts_of(const Text *texts, int count)
{
    PyObject *found = PyList_New(0);
    for (int at = 0; found && at < count; at++) {
        PyObject *text = PyUnicode_FromStringAndSize(texts[at].letters, texts[at].size);
        if (!text || PyList_Append(found, text))
            Py_CLEAR(found);
        Py_XDECREF(text);
    }
    return found;
}

/* What is made of a word, to be held against `alerts.text`: normal form, outline, evened, verb stem, bases, without an article, whether it
   is common, and what it may be in other languages. */
static PyObject *asker_spelt(Asker *self, PyObject *word)
{
    Py_ssize_t size;
    const char *letters = PyUnicode_AsUTF8AndSize(word, &size);
    if (!letters)
        return NULL;
    if (!may_be_listed(letters, size) || letters[0] <= '9') {
        PyErr_SetString(PyExc_ValueError, "a word of small ASCII letters");
        return NULL;
    }
    Text form, outlined, even, stem, bases[2], meant[ORTHOGRAPHIES_MAX];
    normal_form(&self->tables.spellings, letters, (int)size, &form);
    outline(&form, &outlined);
    evened(&self->tables.spellings, letters, (int)size, &even);
    verb_stem(letters, (int)size, &stem);
    int count = singulars(letters, (int)size, bases), common = is_common(self->tables.lists, letters, (int)size);
    PyObject *forms = texts_of(bases, count);
    if (!forms)
        return NULL;
    PyObject *elsewhere = texts_of(meant, carried(&self->tables.spellings, letters, (int)size, meant));
    if (!elsewhere) {
        Py_DECREF(forms);
        return NULL;
    }
    return Py_BuildValue("(s#s#s#s#NssON)", form.letters, (Py_ssize_t)form.size, outlined.letters, (Py_ssize_t)outlined.size, even.letters,
                         (Py_ssize_t)even.size, stem.letters, (Py_ssize_t)stem.size, forms, letters + unlinked(letters, (int)size, 0),
                         letters + unlinked(letters, (int)size, 1), common ? Py_True : Py_False, elsewhere);
}

static int buffer(PyObject *arrays, const char *name, Py_buffer *into, Py_ssize_t item_size)
{
    PyObject *array = borrowed(arrays, name);
    if (!array || PyObject_GetBuffer(array, into, PyBUF_SIMPLE))
        return -1;
    if (into->len % item_size) {
        PyErr_Format(PyExc_ValueError, "%s: %zd bytes are no numbers of %zd", name, into->len, item_size);
        return -1;
    }
    return 0;
}

static int take_arrays(Asker *self, PyObject *arrays)
{
    return buffer(arrays, "bits", &self->bits, 1) || buffer(arrays, "keys", &self->keys, 8)
        || buffer(arrays, "postings", &self->postings, 4) || buffer(arrays, "manners", &self->manners, 1)
        || buffer(arrays, "texts", &self->texts, 1) || buffer(arrays, "ends", &self->ends, 8)
        || buffer(arrays, "anchor_of", &self->anchor_of, 4) || buffer(arrays, "anchor_ends", &self->anchor_ends, 8)
        || buffer(arrays, "anchor_texts", &self->anchor_texts, 1) || buffer(arrays, "cores", &self->cores, 1)
        || buffer(arrays, "fold_of", &self->fold_of, 4) || buffer(arrays, "fold_ends", &self->fold_ends, 8)
        || buffer(arrays, "fold_texts", &self->fold_texts, 1);
}

static int take_number(PyObject *about, const char *name, int *into)
{
    PyObject *number = borrowed(about, name);
    if (!number)
        return -1;
    *into = (int)PyLong_AsLong(number);
    return PyErr_Occurred() ? -1 : 0;
}

static int take_ways(Asker *self, PyObject *about)
{
    PyObject *leads = borrowed(about, "leads"), *shared_max = leads ? borrowed(about, "shared_max") : NULL;
    for (int at = 0; shared_max && at < REACHES; at++) {
        PyObject *one = PySequence_GetItem(leads, at), *other = PySequence_GetItem(shared_max, at);
        self->leads[at] = one ? (uint32_t)PyLong_AsUnsignedLong(one) : 0;
        self->shared_max[at] = other ? PyLong_AsSsize_t(other) : 0;
        Py_XDECREF(one);
        Py_XDECREF(other);
    }
    return PyErr_Occurred() ? -1 : 0;
}

static int take_levels(Asker *self, PyObject *about)
{
    PyObject *levels = borrowed(about, "levels");
    char *bytes;
    if (!levels || PyBytes_AsStringAndSize(levels, &bytes, &self->level_count))
        return -1;
    if (self->level_count > (Py_ssize_t)sizeof self->levels) {
        PyErr_SetString(PyExc_ValueError, "levels: too many manners");
        return -1;
    }
    memcpy(self->levels, bytes, (size_t)self->level_count);
    return 0;
}

static int are_ends(const Py_buffer *ends, const Py_buffer *texts)
{
    const uint64_t *numbers = ends->buf;
    Py_ssize_t count = ends->len / 8;
    for (Py_ssize_t at = 0; at + 1 < count; at++)
        if (numbers[at] > numbers[at + 1])
            return 0;
    return count > 0 && numbers[count - 1] <= (uint64_t)texts->len;
}

static int are_below(const Py_buffer *numbers, int shift, uint64_t limit)
{
    const uint32_t *each = numbers->buf;
    for (Py_ssize_t at = 0; at < numbers->len / 4; at++)
        if (each[at] >> shift >= limit)
            return 0;
    return 1;
}

/* The tables must be of one lexicon: what a file holds has a digest, and what is out of bounds is refused all the same. */
static int are_whole(const Asker *self)
{
    Py_ssize_t spellings = self->manners.len;
    const uint8_t *manners = self->manners.buf;
    int whole = self->postings.len / 4 == self->keys.len / 8 && self->anchor_of.len / 4 == spellings && self->fold_of.len / 4 == spellings
        && self->cores.len == spellings && self->ends.len / 8 == spellings + 1 && self->shift > 0 && self->shift < 64
        && (uint64_t)self->bits.len == (uint64_t)1 << (64 - self->shift) >> 3 && are_ends(&self->ends, &self->texts)
        && are_ends(&self->anchor_ends, &self->anchor_texts) && are_ends(&self->fold_ends, &self->fold_texts)
        && are_below(&self->anchor_of, 0, (uint64_t)(self->anchor_ends.len / 8 - 1))
        && are_below(&self->fold_of, 0, (uint64_t)(self->fold_ends.len / 8 - 1))
        && are_below(&self->postings, WAY_BITS, (uint64_t)spellings);
    for (Py_ssize_t at = 0; whole && at < spellings; at++)
        whole = manners[at] < self->level_count;
    if (!whole)
        PyErr_SetString(PyExc_ValueError, "the arrays are not of one lexicon");
    return whole;
}

/* Whether any folded text is of other letters than ASCII. */
static int are_foreign(const Py_buffer *texts)
{
    const uint8_t *letters = texts->buf;
    uint8_t all = 0;
    for (Py_ssize_t at = 0; at < texts->len; at++)
        all |= letters[at];
    return all >> 7;
}

static PyObject *asker_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"arrays", "about", NULL};
    PyObject *arrays, *about;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO", names, &arrays, &about))
        return NULL;
    Asker *self = allocated(type);
    if (!self)
        return NULL;
    int failed = take_arrays(self, arrays) || tables_from(about, &self->tables) || sums_from(about, &self->sums) || take_ways(self, about)
        || take_levels(self, about) || take_number(about, "shift", &self->shift) || take_number(about, "depth", &self->depth)
        || take_number(about, "letters_min", &self->letters_min) || take_number(about, "has_verbs", &self->has_verbs)
        || take_number(about, "has_names", &self->has_names) || take_number(about, "has_sounds", &self->has_sounds)
        || take_number(about, "has_crossed", &self->has_crossed) || !(self->scripts = scripts_from(about))
        || !(self->bases = PyMapping_GetItemString(about, "bases")) || !are_whole(self);
    if (failed) {
        Py_DECREF((PyObject *)self);
        return NULL;
    }
    self->has_foreign = are_foreign(&self->fold_texts);
    return (PyObject *)self;
}

static void asker_dealloc(Asker *self)
{
    Py_buffer *buffers[] = {&self->bits, &self->keys, &self->postings, &self->manners, &self->texts, &self->ends,
                            &self->anchor_of, &self->anchor_ends, &self->anchor_texts, &self->cores,
                            &self->fold_of, &self->fold_ends, &self->fold_texts};
    for (size_t at = 0; at < sizeof buffers / sizeof *buffers; at++)
        PyBuffer_Release(buffers[at]);
    tables_free(&self->tables);
    Py_XDECREF((PyObject *)self->scripts);
    Py_XDECREF(self->bases);
    PyMem_Free(self->spare);
    freed(self);
}

static PyMethodDef asker_methods[] = {
    {"ask", (PyCFunction)asker_ask, METH_O, NULL},
    {"spelt", (PyCFunction)asker_spelt, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};
static PyType_Slot asker_slots[] = {
    {Py_tp_new, asker_new}, {Py_tp_dealloc, asker_dealloc}, {Py_tp_methods, asker_methods}, {0, NULL},
};
static PyType_Spec asker_spec = {"alerts.matching.native._native.Asker", sizeof(Asker), 0, Py_TPFLAGS_DEFAULT, asker_slots};

PyObject *asker_type(PyObject *module)
{
    return PyType_FromModuleAndSpec(module, &asker_spec, NULL);
}
