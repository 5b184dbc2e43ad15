/* The functions of `alerts.text.spellings` on one word of ASCII letters. Whoever changes one there changes it here. */
#include "native.h"

static uint32_t letters_of(const char *text, int size)
{
    uint32_t letters = 0;
    for (int at = 0; at < size; at++)
        if (text[at] >= 'a' && text[at] <= 'z')
            letters |= 1u << (text[at] - 'a');
    return letters;
}

static int pair_from(PyObject *item, Pair *pair)
{
    const char *texts[2];
    Py_ssize_t sizes[2];
    for (int at = 0; at < 2; at++) {
        PyObject *text = PySequence_GetItem(item, at);
        if (!text)
            return -1;
        texts[at] = PyUnicode_AsUTF8AndSize(text, &sizes[at]); /* kept alive by the table */
        Py_DECREF(text);
        if (!texts[at])
            return -1;
    }
    int is_digit = sizes[0] == 1 && texts[0][0] >= '0' && texts[0][0] <= '9'; /* it stands for as many letters as it gives, and more */
    if (!sizes[0] || sizes[0] > PAIR_MAX || (sizes[1] > 2 * sizes[0] && !is_digit) || sizes[1] > PAIR_MAX) {
        PyErr_Format(PyExc_ValueError, "a replacement has 1 to %d letters, for up to twice as many", PAIR_MAX);
        return -1;
    }
    pair->from_size = (uint8_t)sizes[0];
    pair->to_size = (uint8_t)sizes[1];
    memcpy(pair->from, texts[0], (size_t)sizes[0]);
    memcpy(pair->to, texts[1], (size_t)sizes[1]);
    pair->needs = letters_of(texts[0], (int)sizes[0]);
    return 0;
}

int pairs_from(PyObject *table, Pairs *pairs)
{
    pairs->size = 0;
    Py_ssize_t size = PySequence_Size(table);
    if (size < 0)
        return -1;
    pairs->pairs = PyMem_Calloc((size_t)size + 1, sizeof(Pair));
    if (!pairs->pairs) {
        PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t at = 0; at < size; at++) {
        PyObject *item = PySequence_GetItem(table, at);
        int failed = !item || pair_from(item, &pairs->pairs[at]);
        Py_XDECREF(item);
        if (failed)
            return -1;
    }
    pairs->size = size;
    return 0;
}

void pairs_free(Pairs *pairs)
{
    PyMem_Free(pairs->pairs);
    pairs->pairs = NULL;
    pairs->size = 0;
}

typedef struct {
    const char *name;
    size_t offset;
} Table;

static const Table tables[] = {
    {"final", offsetof(Spellings, final)}, {"initial", offsetof(Spellings, initial)}, {"groups", offsetof(Spellings, groups)},
    {"russian", offsetof(Spellings, russian)}, {"even", offsetof(Spellings, even)},
};

/* Where a small letter stands in the alphabet, from 1 on; 0 for the end of a word. */
static int place_of(char letter)
{
    return letter >= 'a' && letter <= 'z' ? letter - 'a' + 1 : 0;
}

int spellings_from(PyObject *about, Spellings *spellings)
{
    for (size_t at = 0; at < sizeof tables / sizeof *tables; at++) {
        PyObject *table = PyMapping_GetItemString(about, tables[at].name);
        int failed = !table || pairs_from(table, (Pairs *)((char *)spellings + tables[at].offset));
        Py_XDECREF(table);
        if (failed)
            return -1;
    }
    PyObject *languages = PyMapping_GetItemString(about, "orthographies");
    Py_ssize_t count = languages ? PySequence_Size(languages) : -1;
    int failed = count < 0 || count > ORTHOGRAPHIES_MAX;
    for (Py_ssize_t at = 0; at < count && !failed; at++) {
        PyObject *language = PySequence_GetItem(languages, at);
        PyObject *signs = language ? PySequence_GetItem(language, 0) : NULL, *pairs = signs ? PySequence_GetItem(language, 1) : NULL;
        Orthography *into = &spellings->orthographies[at];
        failed = !pairs || pairs_from(signs, &into->signs) || pairs_from(pairs, &into->pairs);
        Py_XDECREF(language);
        Py_XDECREF(signs);
        Py_XDECREF(pairs);
    }
    Py_XDECREF(languages);
    if (failed && !PyErr_Occurred())
        PyErr_Format(PyExc_ValueError, "more than %d orthographies", ORTHOGRAPHIES_MAX);
    spellings->orthography_count = failed ? 0 : (int)count;
    memset(spellings->signs_of_two, 0, sizeof spellings->signs_of_two);
    for (int at = 0; at < spellings->orthography_count; at++)
        for (Py_ssize_t each = 0; each < spellings->orthographies[at].signs.size; each++) {
            const Pair *sign = &spellings->orthographies[at].signs.pairs[each];
            if (sign->from_size == 2)
                spellings->signs_of_two[place_of(sign->from[0])][place_of(sign->from[1])] |= (uint16_t)(1 << at);
        }
    return failed ? -1 : 0;
}

void spellings_free(Spellings *spellings)
{
    for (int at = 0; at < ORTHOGRAPHIES_MAX; at++) {
        pairs_free(&spellings->orthographies[at].signs);
        pairs_free(&spellings->orthographies[at].pairs);
    }
    for (size_t at = 0; at < sizeof tables / sizeof *tables; at++)
        pairs_free((Pairs *)((char *)spellings + tables[at].offset));
}

static void replace(Text *text, const char *from, int from_size, const char *to, int to_size)
{
    for (int at = 0; at + from_size <= text->size;) {
        if (text->letters[at] != from[0] || memcmp(text->letters + at, from, (size_t)from_size)) {
            at++;
            continue;
        }
        int behind = at + from_size, size = text->size + to_size - from_size;
        if (size > FORM_MAX)
            return; /* cannot be: what grows is shorter than half of this */
        memmove(text->letters + at + to_size, text->letters + behind, (size_t)(text->size - behind));
        memcpy(text->letters + at, to, (size_t)to_size);
        text->size = size;
        at += to_size;
    }
}

void replace_all(Text *text, const Pairs *pairs)
{
    uint32_t letters = letters_of(text->letters, text->size);
    for (Py_ssize_t at = 0; at < pairs->size; at++) {
        const Pair *pair = &pairs->pairs[at];
        if ((letters & pair->needs) != pair->needs)
            continue;
        int before = text->size;
        replace(text, pair->from, pair->from_size, pair->to, pair->to_size);
        if (text->size != before || pair->from_size == pair->to_size)
            letters = letters_of(text->letters, text->size);
    }
}

static int holds(const Text *text, const Pair *sign)
{
    for (int at = 0; at + sign->from_size <= text->size; at++)
        if (text->letters[at] == sign->from[0] && !memcmp(text->letters + at, sign->from, sign->from_size))
            return 1;
    return 0;
}

/* A bit for each language that a word has signs of. */
static unsigned languages_of(const Spellings *spellings, const Text *line)
{
    uint32_t letters = letters_of(line->letters, line->size);
    unsigned found = 0;
    for (int at = 0; at + 1 < line->size; at++)
        found |= spellings->signs_of_two[place_of(line->letters[at])][place_of(line->letters[at + 1])];
    for (int at = 0; at < spellings->orthography_count; at++) {
        const Pairs *signs = &spellings->orthographies[at].signs;
        for (Py_ssize_t each = 0; each < signs->size && !(found >> at & 1); each++)
            if (signs->pairs[each].from_size != 2 && (letters & signs->pairs[each].needs) == signs->pairs[each].needs)
                found |= (unsigned)holds(line, &signs->pairs[each]) << at;
    }
    return found;
}

int carried(const Spellings *spellings, const char *word, int size, Text found[ORTHOGRAPHIES_MAX])
{
    Text line;
    line.letters[0] = line.letters[size + 1] = '\n';
    memcpy(line.letters + 1, word, (size_t)size);
    line.size = size + 2;
    int count = 0;
    unsigned languages = languages_of(spellings, &line);
    for (int at = 0; languages >> at; at++) {
        if (!(languages >> at & 1))
            continue;
        Text *text = &found[count++];
        memcpy(text->letters, line.letters, (size_t)line.size);
        text->size = line.size;
        replace_all(text, &spellings->orthographies[at].pairs);
        text->size -= 2;
        memmove(text->letters, text->letters + 1, (size_t)text->size);
        for (int before = 0; before < count - 1; before++)
            if (is_same(&found[before], text)) {
                count--;
                break;
            }
    }
    return count;
}

static void undouble(Text *text)
{
    int size = 0;
    for (int at = 0; at < text->size; at++)
        if (!at || text->letters[at] != text->letters[at - 1] || text->letters[at] == '\n')
            text->letters[size++] = text->letters[at];
    text->size = size;
}

/* A w that is silent goes, one that is a vowel becomes u, the others v. */
static void spell_w(Text *text)
{
    int size = 0;
    for (int at = 0; at < text->size; at++) {
        char letter = text->letters[at], before = at ? text->letters[at - 1] : '\n';
        if (letter == 'w' && (before == 'o' || before == 'u') && at + 1 < text->size && is_vowel(text->letters[at + 1]))
            continue;
        text->letters[size++] = letter;
    }
    text->size = size;
    char before = '\n';
    for (int at = 0; at < text->size; at++) {
        char letter = text->letters[at];
        if (letter == 'w') {
            int vowel_behind = at + 1 < text->size && is_vowel(text->letters[at + 1]);
            int is_u = is_vowel(before) ? !vowel_behind : before != '\n';
            text->letters[at] = is_u ? 'u' : 'v';
        }
        before = letter; /* as it was: the next w looks at the word before any was changed */
    }
}

void normal_form(const Spellings *spellings, const char *word, int size, Text *form)
{
    form->letters[0] = '\n';
    memcpy(form->letters + 1, word, (size_t)size);
    form->letters[size + 1] = '\n';
    form->size = size + 2;
    if (ends_with(form->letters, form->size, "h\n", 2) || ends_with(form->letters, form->size, "lla\n", 4))
        replace_all(form, &spellings->final);
    if (form->size > 2 && !memcmp(form->letters, "\nou", 3))
        replace_all(form, &spellings->initial);
    replace_all(form, &spellings->groups);
    if (memchr(form->letters, 'w', (size_t)form->size))
        spell_w(form);
    for (int at = 0; at < form->size; at++)
        form->letters[at] = form->letters[at] == 'e' ? 'i' : form->letters[at] == 'o' ? 'u' : form->letters[at];
    for (int before = -1; before != form->size;) {
        before = form->size;
        replace(form, "ai", 2, "i", 1);
        replace(form, "au", 2, "u", 1);
    }
    undouble(form);
    if (ends_with(form->letters, form->size, "uv\n", 3) || ends_with(form->letters, form->size, "ui\n", 3)
        || ends_with(form->letters, form->size, "ij\n", 3) || ends_with(form->letters, form->size, "hiv\n", 4))
        replace_all(form, &spellings->russian);
    form->size -= 2;
    memmove(form->letters, form->letters + 1, (size_t)form->size);
}

void evened(const Spellings *spellings, const char *word, int size, Text *even)
{
    memcpy(even->letters, word, (size_t)size);
    even->size = size;
    replace_all(even, &spellings->even);
    undouble(even);
    if (even->size > 1 && even->letters[even->size - 1] == 'h' && is_vowel(even->letters[even->size - 2]))
        even->size--;
}

void outline(const Text *form, Text *outlined)
{
    outlined->size = 0;
    for (int at = 0; at < form->size; at++) {
        char letter = form->letters[at];
        if (letter == 'a' || letter == 'i' || letter == 'u')
            letter = '.';
        if (letter != '.' || !outlined->size || outlined->letters[outlined->size - 1] != '.')
            outlined->letters[outlined->size++] = letter;
    }
}

static void set(Text *text, const char *letters, int size)
{
    memcpy(text->letters, letters, (size_t)size);
    text->size = size;
}

uint64_t sound_of(const Spellings *spellings, const char *word, int size)
{
    static const char *const kunyas[] = {".b.", "b.", ".lb."}; /* Abu, Abou, Abi; Bu; Albu: each is any other */
    Text form, outlined;
    if (word[0] <= '9')
        set(&outlined, word, size);
    else {
        normal_form(spellings, word, size, &form);
        outline(&form, &outlined);
    }
    for (size_t at = 0; at < sizeof kunyas / sizeof *kunyas; at++)
        if ((size_t)outlined.size == strlen(kunyas[at]) && !memcmp(kunyas[at], outlined.letters, (size_t)outlined.size))
            return 1;
    uint64_t sound = 0xCBF29CE484222325u; /* FNV-1a */
    for (int at = 0; at < outlined.size; at++)
        sound = (sound ^ (uint8_t)outlined.letters[at]) * 0x100000001B3u;
    return sound >> 2 | 2; /* what is left of the first bits is a Python number quickly */
}

int singulars(const char *word, int size, Text bases[2])
{
    if (size <= 3 || word[size - 1] != 's' || word[size - 2] == 's')
        return 0;
    if (ends_with(word, size, "ies", 3)) {
        set(&bases[0], word, size - 3);
        bases[0].letters[bases[0].size++] = 'y';
        set(&bases[1], word, size - 1);
        return 2;
    }
    int is_long = ends_with(word, size, "ches", 4) || ends_with(word, size, "shes", 4) || ends_with(word, size, "sses", 4)
        || ends_with(word, size, "xes", 3) || ends_with(word, size, "zes", 3) || ends_with(word, size, "oes", 3);
    if (is_long)
        set(&bases[0], word, size - 2);
    set(&bases[is_long], word, size - 1);
    return 1 + is_long;
}

void verb_stem(const char *word, int size, Text *stem)
{
    static const struct {
        const char *letters;
        int size;
    } endings[] = {{"ings", 4}, {"ing", 3}, {"ed", 2}, {"es", 2}, {"s", 1}};
    if (!ends_with(word, size, "ss", 2))
        for (size_t at = 0; at < sizeof(endings) / sizeof(endings[0]); at++)
            if (ends_with(word, size, endings[at].letters, endings[at].size) && size - endings[at].size >= 3) {
                size -= endings[at].size;
                break;
            }
    if (ends_with(word, size, "men", 3)) {
        set(stem, word, size);
        stem->letters[size - 2] = 'a';
        stem->letters[size - 1] = 'n';
        return;
    }
    if (size > 3 && word[size - 1] == word[size - 2] && !memchr("aeious", word[size - 1], 6) && (word[size - 1] != 'l' || size >= 6))
        size--;
    int is_y = word[size - 1] == 'y';
    set(stem, word, size - (word[size - 1] == 'e'));
    if (is_y)
        stem->letters[size - 1] = 'i';
}

int unlinked(const char *word, int size, int assimilated)
{
    int article = 0;
    if (size > 2 && (word[0] == 'a' || word[0] == 'e')) {
        if (word[1] == 'l' && memchr("bcdfghjkmnpqrstvwyz", word[2], 19))
            article = 2;
        else if (assimilated && word[1] == word[2] && memchr("zrsdtn", word[1], 6))
            article = 2;
        else if (assimilated && size > 4 && !memcmp(word + 1, "shsh", 4))
            article = 3;
    }
    return size - article >= 3 ? article : 0;
}

int osa_distance(const char *one, int one_size, const char *other, int other_size)
{
    uint8_t rows[3][FORM_MAX + 1];
    uint8_t *before = rows[0], *last = rows[1], *now = rows[2];
    for (int at = 0; at <= other_size; at++)
        last[at] = (uint8_t)at;
    for (int i = 1; i <= one_size; i++) {
        now[0] = (uint8_t)i;
        for (int j = 1; j <= other_size; j++) {
            int cost = one[i - 1] != other[j - 1];
            int best = last[j - 1] + cost;
            if (last[j] + 1 < best)
                best = last[j] + 1;
            if (now[j - 1] + 1 < best)
                best = now[j - 1] + 1;
            if (i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1] && before[j - 2] + 1 < best)
                best = before[j - 2] + 1;
            now[j] = (uint8_t)best;
        }
        uint8_t *spare = before;
        before = last;
        last = now;
        now = spare;
    }
    return last[other_size];
}

void sound_key(const Text *classes, int once, Text *key)
{
    key->size = 0;
    if (classes->size && classes->letters[0] == '.')
        key->letters[key->size++] = 'A';
    for (int at = 0; at < classes->size; at++)
        if (classes->letters[at] != '.' && !(once && at && classes->letters[at] == classes->letters[at - 1]))
            key->letters[key->size++] = classes->letters[at];
}

int may_be_listed(const char *word, Py_ssize_t size)
{
    if (!size || size > WORD_MAX)
        return 0;
    int is_number = word[0] >= '0' && word[0] <= '9';
    for (Py_ssize_t at = 0; at < size; at++)
        if (!((word[at] >= 'a' && word[at] <= 'z') || (is_number && word[at] >= '0' && word[at] <= '9')))
            return 0;
    return 1;
}
