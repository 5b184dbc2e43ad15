/* What comes off the words of other scripts, and which are no names: `_uninflected` and `is_ordinary` of `alerts.text.scripts`. */
#include "scripts.h"

static int begins_with(const Foreign *word, const Affix *affix)
{
    return word->size >= affix->size && !memcmp(word->letters, affix->letters, (size_t)affix->size * sizeof *word->letters);
}

static int ends_in(const Foreign *word, const Affix *affix)
{
    return word->size >= affix->size
        && !memcmp(word->letters + word->size - affix->size, affix->letters, (size_t)affix->size * sizeof *word->letters);
}

static Foreign cut(const Foreign *word, int from, int size)
{
    Foreign rest = {size, word->script, {0}};
    memcpy(rest.letters, word->letters + from, (size_t)size * sizeof *rest.letters);
    return rest;
}

/* A word with other letters for its ending: none, or one. */
static Foreign changed(const Scripts *self, const Foreign *word, const Affix *ending)
{
    Foreign rest = cut(word, 0, word->size - ending->size), last;
    if (ending->several[0].size && foreign_from(self, ending->several[0].letters, ending->several[0].size, &last))
        rest.letters[rest.size++] = last.letters[0];
    return rest;
}

static void add_stem(Stems *stems, const Foreign *word, const Affix *endings, double price)
{
    if (stems->count == STEMS_MAX) {
        stems->is_too_many = 1; /* cannot be: no word begins with so many prefixes at once */
        return;
    }
    Stem *stem = &stems->stems[stems->count++];
    stem->word = *word;
    stem->word.letters[stem->word.size++] = END_MARK;
    stem->endings = endings;
    stem->price = price;
    stem->sounds = -1;
}

static void add_cases(const Scripts *self, const Foreign *word, const Affixes *cases, Stems *stems)
{
    add_stem(stems, word, NULL, 0.0);
    for (Py_ssize_t at = 0; at < cases->count; at++)
        if (word->size - cases->affixes[at].size >= STEM_MIN && ends_in(word, &cases->affixes[at])) {
            Foreign stem = cut(word, 0, word->size - cases->affixes[at].size);
            add_stem(stems, &stem, &cases->affixes[at], 0.0);
        }
    static const Affix in_a = {0, 1, {0}, {{1, "a"}}};
    for (Py_ssize_t at = 0; at < self->changed.count; at++)
        if (ends_in(word, &self->changed.affixes[at])) {
            Foreign stem = changed(self, word, &self->changed.affixes[at]);
            add_stem(stems, &stem, &in_a, 0.0);
        }
}

static int is_article(const Scripts *self, const Foreign *prefix)
{
    for (Py_ssize_t at = 0; at < self->articles.count; at++)
        if (ends_in(prefix, &self->articles.affixes[at]))
            return 1;
    return 0;
}

/* The place of the article within a word that is two, or -1. */
static int article_within(const Scripts *self, const Foreign *word)
{
    const Affix *article = &self->articles.affixes[0];
    for (int at = STEM_MIN; at + article->size <= word->size; at++) {
        Foreign rest = cut(word, at, word->size - at);
        if (begins_with(&rest, article))
            return at <= word->size - article->size - STEM_MIN ? at : -1;
    }
    return -1;
}

static void add_arabic(const Scripts *self, const Foreign *word, int is_joined, int has_article, Stems *stems)
{
    double price = is_joined && !has_article ? self->preposition : 0.0;
    const Affix *adjective = &self->adjectives.affixes[0];
    if (has_article && ends_in(word, adjective)) {
        Foreign stem = cut(word, 0, word->size - adjective->size);
        add_stem(stems, &stem, adjective, price);
        price += self->adjective;
    }
    add_stem(stems, word, NULL, price);
    int at = article_within(self, word), size = self->articles.affixes[0].size;
    if (at >= 0) {
        Foreign stem = cut(word, 0, at);
        memcpy(stem.letters + at, word->letters + at + size, (size_t)(word->size - at - size) * sizeof *stem.letters);
        stem.size = word->size - size;
        add_stem(stems, &stem, NULL, price);
    }
    for (Py_ssize_t each = 0; each < self->arabic_endings.count; each++) {
        const Affix *ending = &self->arabic_endings.affixes[each];
        if (ends_in(word, ending) && word->size - ending->size > STEM_MIN) {
            Foreign stem = changed(self, word, ending);
            add_stem(stems, &stem, NULL, price + self->preposition);
        }
    }
}

static void add_hebrew(const Scripts *self, const Foreign *word, int is_joined, Stems *stems)
{
    double price = is_joined ? self->preposition : 0.0;
    const Affix *plural = &self->hebrew_endings.affixes[0];
    add_stem(stems, word, NULL, price);
    if (ends_in(word, plural) && word->size > STEM_MIN + plural->size) {
        Foreign stem = changed(self, word, plural);
        add_stem(stems, &stem, NULL, price + self->preposition);
    }
}

static void add_joined(const Scripts *self, const Foreign *word, Stems *stems)
{
    const Affixes *prefixes = word->script == ARABIC ? &self->arabic_prefixes : &self->hebrew_prefixes;
    for (Py_ssize_t each = -1; each < prefixes->count && word->size >= STEM_MIN; each++) {
        int size = each < 0 ? 0 : prefixes->affixes[each].size;
        if (each >= 0 && (word->size - size < STEM_MIN || !begins_with(word, &prefixes->affixes[each])))
            continue;
        Foreign prefix = cut(word, 0, size), rest = cut(word, size, word->size - size);
        if (word->script == ARABIC)
            add_arabic(self, &rest, size > 0, is_article(self, &prefix), stems);
        else
            add_hebrew(self, &rest, size > 0, stems);
    }
}

void find_stems(const Scripts *self, const Foreign *word, Stems *stems)
{
    stems->count = stems->is_too_many = 0;
    if (word->script == ARABIC || word->script == HEBREW)
        add_joined(self, word, stems);
    else
        add_cases(self, word, word->script == GREEK ? &self->greek_cases : &self->cases, stems);
}

static int is_listed(const Scripts *self, const uint16_t *letters, int size)
{
    char text[2 * (FOREIGN_MAX + 2)];
    PyObject *word = PyUnicode_FromStringAndSize(text, utf8_of(letters, size, text));
    int listed = word ? PySet_Contains(self->ordinary, word) : -1;
    Py_XDECREF(word);
    return listed;
}

/* Whether a stem is an ordinary word, or the plural of one. */
static int is_form(const Scripts *self, const Foreign *stem)
{
    int listed = is_listed(self, stem->letters, stem->size);
    const Affix *plural = &self->plurals.affixes[0];
    if (!listed && ends_in(stem, plural)) {
        Foreign one = changed(self, stem, plural);
        listed = is_listed(self, one.letters, one.size);
    }
    return listed;
}

int is_ordinary(const Scripts *self, const Foreign *word, const Stems *stems)
{
    int listed = is_listed(self, word->letters, word->size);
    if (word->script != ARABIC && word->script != HEBREW)
        return listed;
    for (int at = 0; at < stems->count && !listed; at++) {
        Foreign stem = cut(&stems->stems[at].word, 0, stems->stems[at].word.size - 1);
        if (stem.size > STEM_MIN)
            listed = is_form(self, &stem);
    }
    return listed;
}
