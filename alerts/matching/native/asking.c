/* `Asker`: what `alerts.matching.filing.Ask`, `index.Table` and the comparisons of `senses` do, for words of ASCII letters.
   It leaves out only what those would leave out. Whoever changes a comparison there changes it here. */
#include "native.h"

#include <stdlib.h>

enum { OWN, BASE, STEM, VERB, FORM_REACH, OUTLINE_REACH, WORN_REACH, SCRIPT_REACH, REACHES };
enum { PHRASE, INFLECTED, VERBAL, JOINED, HALF, COMMON, FORM, CLOSED, OUTLINE, WORN, SCRIPT };
enum { OFF, STRICT, NORMAL, LOOSE, LEVEL = 3, WORDLY = 4, EXACTLY = 8 };
enum { ASKED_MAX = 40, NAME_MIN = 3, LOOSE_MIN = 4, ERROR_MIN = 6, TWO_ERRORS_MIN = 8, EDGE_MIN = 8, WRITTEN_ERRORS_MAX = 2 };
enum { WORDS_MAX = 16, LINK_MAX = 4 };
enum { PROBES_MAX = 4096, READINGS_MAX = 4, FAR = 99, WAY_BITS = 4 };

#define BASE_WEIGHT 0x9E3779B97F4A7C15u

static const uint8_t changed_max[] = {0, 1, 1, 1, 1, 1, 2, 2, 3};
static const uint8_t vowels_changed_max[] = {0, 0, 0, 1, 1, 1, 2, 2, 2, 3};

typedef struct {
    PyObject_HEAD
    Spellings spellings;
    Py_buffer bits, keys, postings, manners, texts, ends, anchor_of, anchor_ends, anchor_texts, cores, fold_of, fold_ends, fold_texts;
    Commons commons;
    PyObject *ordinary; /* the words that are no names, a dict */
    PyObject *links; /* the articles and the like, a dict */
    uint8_t levels[4096]; /* by manner, and whether its spellings are words as they stand, which are not put off */
    Py_ssize_t level_count;
    uint32_t leads[REACHES]; /* the ways that each reach may go, as bits */
    Py_ssize_t shared_max[REACHES];
    int shift, depth, letters_min, has_verbs, has_names;
    uint64_t of_byte[256], of_place[FORM_MAX + 2], unbase;
} Asker;

typedef struct {
    uint64_t key;
    int reach;
    const Text *text;
} Probe;

/* A spelling that a word may belong to, and the key that led there. */
typedef struct {
    uint32_t number, text; /* the text of the key in `letters` */
    uint8_t text_size, way, reach, is_put_off;
    int8_t near; /* how near the word is to the anchor, as `Near` */
} Row;

/* Twice the errors of spelling, and one more where the word is the anchor itself; or: too far, or not known here. */
enum { TOO_FAR = -2, UNKNOWN = -1 };

enum { SOUNDS_LIKE, IS, IS_BASE, IS_LINK };

/* What must stand beside the word before a row is worth a look. */
typedef struct {
    uint64_t sound;
    uint32_t row, letters;
    uint8_t size, manner;
    int8_t step;
} Beside;

typedef struct {
    PyObject_HEAD
    Asker *asker;
    PyObject *word;
    Row *rows;
    Beside *besides;
    char *letters;
    size_t row_count, row_room, beside_count, beside_room, letters_used, letters_room;
    int is_strict; /* no word beside may be misspelt: there are too many */
    size_t sound_counts[2]; /* then how many of `besides` say how it sounds, before and behind: these stand first, in order of sound */
} Circle;

static PyTypeObject *circle_class; /* made by askers only */

/* What a word may be meant as, as `filing.readings` has it. */
typedef struct {
    Text word, form, outlined, even;
    int glued;
} Meant;

typedef struct {
    const Asker *asker;
    PyObject *listed; /* the word as it was asked */
    const char *word;
    int size;
    Text own, own_form, stem, bases[2], digits[ASKED_MAX];
    Meant meant[READINGS_MAX];
    int meant_count;
    Probe probes[PROBES_MAX];
    int probe_count;
    uint32_t last_anchor;
    int last_asked, last_near;
} Asking;

static uint64_t key_of(const Asker *self, char kind, const Text *text)
{
    uint64_t key = self->of_byte[(uint8_t)kind];
    for (int at = 0; at < text->size; at++)
        key += self->of_byte[(uint8_t)text->letters[at]] * self->of_place[at + 1];
    return key;
}

static const uint8_t *bit_at(const Asker *self, uint64_t key)
{
    return (const uint8_t *)self->bits.buf + (key >> self->shift >> 3);
}

static void probe(Asking *asking, uint64_t key, int reach, const Text *text)
{
    if (asking->probe_count == PROBES_MAX)
        return; /* cannot be: the longest word less any two letters is fewer */
    PREFETCH(bit_at(asking->asker, key));
    asking->probes[asking->probe_count++] = (Probe){key, reach, text};
}

static void ask(Asking *asking, char kind, int reach, const Text *text)
{
    probe(asking, key_of(asking->asker, kind, text), reach, text);
}

/* Under the text, and under what is left of it without a letter, or two: each follows from the sums up to its place. */
static void ask_worn(Asking *asking, const Text *text)
{
    const Asker *self = asking->asker;
    uint64_t sums[FORM_MAX + 2];
    sums[0] = self->of_byte['d'];
    for (int at = 0; at < text->size; at++)
        sums[at + 1] = sums[at] + self->of_byte[(uint8_t)text->letters[at]] * self->of_place[at + 1];
    uint64_t whole = sums[text->size];
    probe(asking, whole, WORN_REACH, text);
    for (int one = 0; one < text->size && self->depth > 0; one++)
        probe(asking, sums[one] + (whole - sums[one + 1]) * self->unbase, WORN_REACH, text);
    for (int one = 0; one < text->size && self->depth > 1; one++)
        for (int two = one + 1; two < text->size; two++) {
            uint64_t middle = (sums[two] - sums[one + 1]) * self->unbase;
            probe(asking, sums[one] + middle + (whole - sums[two + 1]) * self->unbase * self->unbase, WORN_REACH, text);
        }
}

static void set_text(Text *text, const char *letters, int size)
{
    memcpy(text->letters, letters, (size_t)size);
    text->size = size;
}

static void mean(Asking *asking, const char *word, int size, int glued)
{
    Meant *meant = &asking->meant[asking->meant_count];
    for (int at = 0; at < asking->meant_count; at++)
        if (asking->meant[at].word.size == size && !memcmp(asking->meant[at].word.letters, word, (size_t)size))
            return;
    set_text(&meant->word, word, size);
    normal_form(&asking->asker->spellings, word, size, &meant->form);
    if (meant->form.size < NAME_MIN)
        return;
    outline(&meant->form, &meant->outlined);
    evened(&asking->asker->spellings, word, size, &meant->even);
    meant->glued = glued;
    asking->meant_count++;
}

static void find_readings(Asking *asking)
{
    const char *word = asking->word;
    int size = asking->size;
    mean(asking, word, size, 0);
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

static int collect_name(Asking *asking)
{
    int common = is_common(&asking->asker->commons, asking->word, asking->size);
    if (common)
        return common < 0 ? -1 : 0;
    find_readings(asking);
    for (int at = 0; at < asking->meant_count; at++) {
        ask(asking, 'f', FORM_REACH, &asking->meant[at].form);
        ask(asking, 'o', OUTLINE_REACH, &asking->meant[at].outlined);
    }
    if (asking->size < asking->asker->letters_min)
        return 0;
    normal_form(&asking->asker->spellings, asking->word, asking->size, &asking->own_form);
    ask_worn(asking, &asking->own);
    if (!is_same(&asking->own, &asking->own_form))
        ask_worn(asking, &asking->own_form);
    return 0;
}

/* The keys of a word, in `probes`. */
static int collect(Asking *asking)
{
    int size = asking->size, is_number = asking->word[0] >= '0' && asking->word[0] <= '9', has_letters = 0;
    set_text(&asking->own, asking->word, size);
    ask(asking, 'w', OWN, &asking->own);
    for (int at = 0; at < size; at++)
        has_letters |= asking->word[at] > '9';
    if (size > ASKED_MAX || !has_letters)
        return 0;
    int count = singulars(asking->word, size, asking->bases);
    for (int at = 0; at < count; at++)
        ask(asking, 'w', BASE, &asking->bases[at]);
    for (int end = 1; end < size && is_number; end++) {
        set_text(&asking->digits[end], asking->word, end);
        ask(asking, 'w', STEM, &asking->digits[end]);
    }
    if (is_number)
        return 0;
    if (asking->asker->has_verbs) {
        verb_stem(asking->word, size, &asking->stem);
        ask(asking, 'v', VERB, &asking->stem);
    }
    return asking->asker->has_names ? collect_name(asking) : 0;
}

static int edits_allowed(int level, int letters)
{
    if (level == LOOSE)
        return letters >= TWO_ERRORS_MIN ? 2 : letters >= LOOSE_MIN;
    return letters >= ERROR_MIN && level == NORMAL;
}

static int starts_with(const Text *text, const Text *beginning)
{
    return text->size >= beginning->size && !memcmp(text->letters, beginning->letters, (size_t)beginning->size);
}

static int is_final_vowel(char letter)
{
    return letter == 'a' || letter == 'i' || letter == 'u';
}

static int distance(const Text *one, const Text *other)
{
    return osa_distance(one->letters, one->size, other->letters, other->size);
}

static int is_anagram(const Text *one, const Text *other)
{
    int counts[128] = {0};
    if (one->size != other->size)
        return 0;
    for (int at = 0; at < one->size; at++) {
        counts[one->letters[at] & 127]++;
        counts[other->letters[at] & 127]--;
    }
    for (int letter = 0; letter < 128; letter++)
        if (counts[letter])
            return 0;
    return 1;
}

/* Whether two words begin with letters that no two writers choose between: g and q, k, h are. */
static int begins_otherwise(const Text *word, const Text *listed)
{
    char one = word->letters[0], other = listed->letters[0];
    return one != other && !(one == 'g' && strchr("qkh", other)) && !(other == 'g' && strchr("qkh", one));
}

static int has_same_consonants(const Text *form, const Text *other)
{
    int at = 0, there = 0;
    for (;;) {
        while (at < form->size && is_final_vowel(form->letters[at]))
            at++;
        while (there < other->size && is_final_vowel(other->letters[there]))
            there++;
        if (at == form->size || there == other->size)
            return at == form->size && there == other->size;
        if (form->letters[at++] != other->letters[there++])
            return 0;
    }
}

/* `senses.errors` */
static int errors(const Asking *asking, const Text *listed, const Text *form)
{
    const Text *word = &asking->own, *own = &asking->own_form;
    if (is_anagram(word, listed))
        return distance(word, listed);
    int is_other_begin = begins_otherwise(word, listed), is_same_first = word->letters[0] == listed->letters[0];
    if (listed->size < EDGE_MIN) {
        int turned = word->size > 1 && listed->size > 1 && word->letters[0] == listed->letters[1] && word->letters[1] == listed->letters[0];
        if (is_other_begin && !turned)
            return FAR;
        if (starts_with(listed, word) || starts_with(form, own))
            return FAR;
    }
    if (starts_with(word, listed) || starts_with(own, form))
        return FAR;
    if (!is_same_first && !is_other_begin && own->size == form->size && !memcmp(own->letters + 1, form->letters + 1, (size_t)form->size - 1))
        return 1;
    Text even, other;
    evened(&asking->asker->spellings, word->letters, word->size, &even);
    evened(&asking->asker->spellings, listed->letters, listed->size, &other);
    int edits = distance(word, listed), written = distance(&even, &other);
    if (edits == 2 && word->size >= ERROR_MIN && is_same_first && written == 1 && has_same_consonants(own, form))
        edits = 1;
    if (word->size > listed->size + WRITTEN_ERRORS_MAX || listed->size > word->size + WRITTEN_ERRORS_MAX)
        return edits;
    if (listed->size < EDGE_MIN || is_other_begin || written > WRITTEN_ERRORS_MAX)
        return edits;
    char last = own->letters[own->size - 1], listed_last = form->letters[form->size - 1];
    if (last != listed_last && is_final_vowel(last) && is_final_vowel(listed_last))
        return edits;
    int heard = distance(own, form);
    if (heard > edits)
        heard = edits;
    return heard > 1 ? heard : 1;
}

static int is_near(const Text *even, const Text *other, int letters, const uint8_t *changed, int longest)
{
    return distance(even, other) <= changed[letters < longest ? letters : longest];
}

static int is_confused(char one, char two)
{
    return (one == 'a' && two == 'e') || (one == 'e' && (two == 'a' || two == 'i')) || (one == 'i' && two == 'e')
        || (one == 'o' && two == 'u') || (one == 'u' && two == 'o');
}

static int confuses_vowels(const Text *even, const Text *other, int others)
{
    if (even->size != other->size)
        return others && distance(even, other) <= others;
    int changed = 0;
    for (int at = 0; at < even->size; at++)
        changed += even->letters[at] != other->letters[at] && !is_confused(even->letters[at], other->letters[at]);
    return changed <= others;
}

/* `senses.is_respelling` */
static int is_respelling(const Meant *meant, const Text *listed, const Text *even)
{
    if (meant->word.size < LOOSE_MIN && meant->even.size < even->size)
        return 0;
    return is_near(&meant->even, even, listed->size, changed_max, 8) || (listed->size > LOOSE_MIN && confuses_vowels(&meant->even, even, 0));
}

/* `senses.differs_in_vowels` */
static int differs_in_vowels(const Meant *meant, const Text *listed, const Text *form, const Text *even, int alone)
{
    char last = meant->form.letters[meant->form.size - 1];
    if (last != form->letters[form->size - 1] && meant->word.letters[meant->word.size - 1] != 'e')
        return 0;
    int consonants = 0;
    for (int at = 0; at < form->size; at++)
        consonants += !is_final_vowel(form->letters[at]);
    if (distance(&meant->form, form) > (consonants + 1) / 2)
        return 0;
    if (!is_near(&meant->even, even, listed->size, vowels_changed_max, 9))
        return 0;
    return !alone || confuses_vowels(&meant->even, even, form->size >= ERROR_MIN);
}

/* How near a word is to an anchor on the way that led there: `lexicon._Meeting._compare`. */
static int nearness(const Asking *asking, int way, const char *letters, int size, int alone, int level)
{
    const Asker *self = asking->asker;
    for (int at = 0; at < size; at++)
        if (letters[at] < 'a' || letters[at] > 'z')
            return UNKNOWN;
    Text listed, form, even, outlined;
    set_text(&listed, letters, size);
    int is_itself = is_same(&listed, &asking->own);
    if (way == COMMON)
        return is_itself ? 1 : TOO_FAR;
    normal_form(&self->spellings, letters, size, &form);
    if (!form.size || (way == WORN && !asking->own_form.size))
        return UNKNOWN;
    if (way == WORN) {
        int edits = errors(asking, &listed, &form);
        return edits <= edits_allowed(level, size) ? 2 * edits : TOO_FAR;
    }
    evened(&self->spellings, letters, size, &even);
    outline(&form, &outlined);
    int found = TOO_FAR;
    for (int at = 0; at < asking->meant_count; at++) {
        const Meant *meant = &asking->meant[at];
        if (way == OUTLINE) {
            if (!meant->glued && is_same(&meant->outlined, &outlined) && differs_in_vowels(meant, &listed, &form, &even, alone))
                return 0;
        } else if (is_same(&meant->form, &form) && !(meant->glued && alone) && is_respelling(meant, &listed, &even))
            found = found == 1 || is_same(&meant->word, &listed);
    }
    return found;
}

/* The same of a spelling by its number. Many in a row have the same anchor. */
static int nearness_of(Asking *asking, int way, uint32_t number)
{
    const Asker *self = asking->asker;
    if (way != COMMON && way != FORM && way != OUTLINE && way != WORN)
        return UNKNOWN;
    uint32_t anchor = ((const uint32_t *)self->anchor_of.buf)[number];
    const uint64_t *ends = self->anchor_ends.buf;
    uint64_t size = ends[anchor + 1] - ends[anchor];
    if (!size || size > WORD_MAX)
        return UNKNOWN;
    int level = self->levels[((const uint8_t *)self->manners.buf)[number]] & LEVEL;
    int alone = ((const uint8_t *)self->cores.buf)[number] == 1;
    if (asking->last_anchor != anchor || asking->last_asked != (way << 3 | level << 1 | alone)) {
        asking->last_near = nearness(asking, way, (const char *)self->anchor_texts.buf + ends[anchor], (int)size, alone, level);
        asking->last_anchor = anchor;
        asking->last_asked = way << 3 | level << 1 | alone;
    }
    return asking->last_near;
}

/* A spelling in its folded words, without links where it is taken as a name; how many, or 0 where other letters than ASCII are in it. */
static int cut_spelling(const Asker *self, uint32_t number, int is_name, Text words[WORDS_MAX])
{
    uint32_t fold = ((const uint32_t *)self->fold_of.buf)[number];
    const uint64_t *ends = fold ? self->fold_ends.buf : self->ends.buf;
    uint64_t place = fold ? fold : number, size = ends[place + 1] - ends[place];
    const char *text = (const char *)(fold ? self->fold_texts.buf : self->texts.buf) + ends[place];
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
        int is_link = is_name && word->size <= LINK_MAX ? is_in(self->links, word->letters, word->size) : 0;
        if (is_link < 0 || (!is_link && ++count == WORDS_MAX)) {
            PyErr_Clear();
            return 0;
        }
        words[count].size = 0;
    }
    return count;
}

static void *room_for(void *array, size_t count, size_t *room, size_t size)
{
    if (count <= *room)
        return array;
    size_t wanted = *room ? 2 * *room : 4;
    while (wanted < count)
        wanted *= 2;
    void *larger = PyMem_Realloc(array, wanted * size);
    if (larger)
        *room = wanted;
    else
        PyErr_NoMemory();
    return larger;
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
    uint64_t sound = manner == SOUNDS_LIKE ? sound_of(&asking->asker->spellings, letters, size) : 0;
    uint32_t row = (uint32_t)circle->row_count - 1;
    besides[circle->beside_count++] = (Beside){sound, row, (uint32_t)at, (uint8_t)size, (uint8_t)manner, (int8_t)step};
    circle->rows[row].is_put_off = 1;
    return 0;
}

/* A word written as two: the other half stands beside this one. */
static int put_off_half(const Asking *asking, const Probe *probe, Circle *circle, const Text *whole, int flags)
{
    int size = probe->text->size, rest = whole->size - size, least = flags & WORDLY ? NAME_MIN : NAME_MIN + 1;
    const char *half = probe->text->letters;
    if (size < least || rest < least) {
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

/* A name that stands only behind its article: `senses.Name.needs_article`; -1 with an exception set. */
static int needs_article(const Asker *self, uint32_t number, const Text *core)
{
    Text words[WORDS_MAX], form;
    if (cut_spelling(self, number, 0, words) < 2)
        return 0;
    normal_form(&self->spellings, core->letters, core->size, &form);
    return form.size <= NAME_MIN ? 1 : is_in(self->ordinary, core->letters, core->size);
}

/* Put the last row off until a word stands beside that belongs to its spelling, where it is known which. */
static int put_off_row(const Asking *asking, const Probe *probe, Circle *circle, int way, uint32_t number)
{
    const Asker *self = asking->asker;
    int is_name = way == COMMON || way == FORM || way == OUTLINE || way == WORN;
    int flags = self->levels[((const uint8_t *)self->manners.buf)[number]];
    if (way != HALF && ((!is_name && way != PHRASE && way != INFLECTED) || flags & (WORDLY | EXACTLY)))
        return 0;
    Text words[WORDS_MAX];
    int count = cut_spelling(self, number, is_name, words);
    if (way == HALF)
        return count == 1 ? put_off_half(asking, probe, circle, &words[0], flags) : 0;
    if (is_name && count == 1) {
        int needs = needs_article(self, number, &words[0]);
        return needs > 0 ? put_off(asking, circle, "", 0, -1, IS_LINK) : needs;
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

/* The place of the first key that is not below one. Keys are hashes, spread evenly, so that a key says about where it is. */
static Py_ssize_t first_not_below(const uint64_t *keys, Py_ssize_t count, uint64_t key)
{
    Py_ssize_t about = (Py_ssize_t)((double)key / 18446744073709551616.0 * (double)count), low = about, high = about, step = 32;
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

static int add_row(const Asking *asking, const Probe *probe, Circle *circle, int way, uint32_t number, int near)
{
    Row *rows = room_for(circle->rows, circle->row_count + 1, &circle->row_room, sizeof *rows);
    if (!rows)
        return -1;
    circle->rows = rows;
    int64_t text = keep(circle, probe->text->letters, probe->text->size);
    if (text < 0)
        return -1;
    rows[circle->row_count++] = (Row){number, (uint32_t)text, (uint8_t)probe->text->size, (uint8_t)way, (uint8_t)probe->reach, 0, (int8_t)near};
    return put_off_row(asking, probe, circle, way, number);
}

static int add_postings(Asking *asking, const Probe *probe, Circle *circle)
{
    const Asker *self = asking->asker;
    const uint64_t *keys = self->keys.buf;
    const uint32_t *postings = self->postings.buf;
    Py_ssize_t count = self->keys.len / (Py_ssize_t)sizeof *keys;
    Py_ssize_t first = first_not_below(keys, count, probe->key), last = first;
    while (last < count && keys[last] == probe->key)
        last++;
    if (last - first > self->shared_max[probe->reach])
        return 0;
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

static Circle *new_circle(Asker *asker, PyObject *word)
{
    allocfunc alloc = (allocfunc)PyType_GetSlot(circle_class, Py_tp_alloc);
    Circle *circle = (Circle *)alloc(circle_class, 0);
    if (circle) {
        Py_INCREF((PyObject *)asker);
        circle->asker = asker;
        Py_INCREF(word);
        circle->word = word;
    }
    return circle;
}

/* Append the circle of a word whose keys have been collected to `found`, where there is anything in it. */
static int answer(Asking *asking, PyObject *found)
{
    const Asker *self = asking->asker;
    Circle *circle = NULL;
    int failed = 0;
    for (int at = 0; at < asking->probe_count && !failed; at++) {
        const Probe *probe = &asking->probes[at];
        if (!(*bit_at(self, probe->key) >> (probe->key >> self->shift & 7) & 1))
            continue;
        if (!circle)
            circle = new_circle((Asker *)self, asking->listed);
        failed = !circle || add_postings(asking, probe, circle);
    }
    if (circle && circle->row_count && !failed)
        failed = PyList_Append(found, (PyObject *)circle);
    Py_XDECREF((PyObject *)circle);
    return failed ? -1 : 0;
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

static void begin(Asking *asking, const Asker *self, PyObject *word, const char *letters, Py_ssize_t size)
{
    asking->asker = self;
    Py_XDECREF(asking->listed);
    asking->listed = Py_NewRef(word);
    asking->word = letters;
    asking->size = (int)size;
    asking->meant_count = asking->probe_count = asking->own_form.size = 0;
    asking->last_asked = -1;
}

/* A word is answered after the keys of the next one have been collected: what these look up comes from memory meanwhile. */
static PyObject *asker_ask(Asker *self, PyObject *words)
{
    PyObject *found = PyList_New(0), *rest = PyList_New(0), *each = PyObject_GetIter(words), *word;
    Asking *asking = PyMem_Calloc(2, sizeof *asking);
    if (!asking)
        PyErr_NoMemory();
    int failed = !found || !rest || !each || !asking, count = 0;
    while (!failed && (word = PyIter_Next(each))) {
        Py_ssize_t size;
        const char *letters = PyUnicode_AsUTF8AndSize(word, &size);
        if (!letters) { /* a surrogate */
            PyErr_Clear();
            size = 0;
        }
        if (may_be_listed(letters, size)) {
            Asking *now = &asking[count & 1], *before = &asking[~count & 1];
            begin(now, self, word, letters, size);
            failed = collect(now) || (count++ && answer(before, found));
        } else
            failed = PyList_Append(rest, word);
        Py_DECREF(word);
    }
    if (!failed && count)
        failed = answer(&asking[~count & 1], found);
    for (int at = 0; asking && at < 2; at++)
        Py_XDECREF(asking[at].listed);
    PyMem_Free(asking);
    Py_XDECREF(each);
    PyObject *answered = failed || PyErr_Occurred() ? NULL : Py_BuildValue("(OO)", found, rest);
    Py_XDECREF(found);
    Py_XDECREF(rest);
    return answered;
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

int meet(PyObject *circle, const char *letters, Py_ssize_t size, Neighbour *near)
{
    const Asker *asker = ((Circle *)circle)->asker;
    near->letters = letters;
    near->is_known = letters && may_be_listed(letters, size);
    near->size = near->is_known ? (int)size : 0;
    near->is_link = near->sound_count = 0;
    if (!near->is_known)
        return 0;
    near->is_link = size <= LINK_MAX ? is_in(asker->links, letters, near->size) : 0;
    int article = unlinked(letters, near->size, 1);
    near->sounds[near->sound_count++] = sound_of(&asker->spellings, letters, near->size);
    if (article)
        near->sounds[near->sound_count++] = sound_of(&asker->spellings, letters + article, near->size - article);
    add_plurals(&asker->spellings, near);
    Text bases[2];
    int is_plural = letters[0] <= '9' && letters[near->size - 1] == 's' && near->size > 1; /* short ones as well */
    if (is_plural)
        near->sounds[near->sound_count++] = sound_of(&asker->spellings, letters, near->size - 1);
    for (int at = 0, count = is_plural ? 0 : singulars(letters, near->size, bases); at < count; at++)
        near->sounds[near->sound_count++] = sound_of(&asker->spellings, bases[at].letters, bases[at].size);
    return near->is_link < 0 ? -1 : 0;
}

static int is_word(const char *letters, int size, const char *other, int other_size)
{
    return size == other_size && !memcmp(letters, other, (size_t)size);
}

static int is_half(const char *letters, int size, const Neighbour *near, int manner)
{
    if (!near->is_known || near->size < size)
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
    const Spellings *spellings = &self->asker->spellings;
    if (beside->manner == IS_LINK)
        return near->is_link || !near->is_known;
    if (beside->manner != SOUNDS_LIKE)
        return is_half(letters, beside->size, near, beside->manner);
    if (!near->is_known)
        return 1;
    for (int at = 0; at < near->sound_count; at++)
        if (near->sounds[at] == beside->sound)
            return 1;
    if (self->is_strict || beside->size < LOOSE_MIN || letters[0] <= '9' || near->letters[0] <= '9' || near->size > beside->size + 2 || near->size < beside->size - 2)
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
            if (meet((PyObject *)self, letters, size, &near) || stand(self, &near, step, at == place + step, found) < 0)
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
    PyTypeObject *type = Py_TYPE((PyObject *)self);
    Py_XDECREF((PyObject *)self->asker);
    Py_XDECREF(self->word);
    PyMem_Free(self->rows);
    PyMem_Free(self->besides);
    PyMem_Free(self->letters);
    ((freefunc)PyType_GetSlot(type, Py_tp_free))(self);
    Py_DECREF(type);
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
    PyObject *type = PyType_FromModuleAndSpec(module, &circle_spec, NULL);
    if (type && !circle_class) {
        Py_INCREF(type);
        circle_class = (PyTypeObject *)type;
    }
    return type;
}

/* What is made of a word, to be held against `alerts.text`: normal form, outline, evened, verb stem, bases, without an article. */
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
    Text form, outlined, even, stem, bases[2];
    normal_form(&self->spellings, letters, (int)size, &form);
    outline(&form, &outlined);
    evened(&self->spellings, letters, (int)size, &even);
    verb_stem(letters, (int)size, &stem);
    int count = singulars(letters, (int)size, bases), common = is_common(&self->commons, letters, (int)size);
    if (common < 0)
        return NULL;
    PyObject *forms = PyList_New(0);
    for (int at = 0; forms && at < count; at++) {
        PyObject *base = PyUnicode_FromStringAndSize(bases[at].letters, bases[at].size);
        if (!base || PyList_Append(forms, base))
            Py_CLEAR(forms);
        Py_XDECREF(base);
    }
    if (!forms)
        return NULL;
    return Py_BuildValue("(s#s#s#s#NssO)", form.letters, (Py_ssize_t)form.size, outlined.letters, (Py_ssize_t)outlined.size, even.letters,
                         (Py_ssize_t)even.size, stem.letters, (Py_ssize_t)stem.size, forms, letters + unlinked(letters, (int)size, 0),
                         letters + unlinked(letters, (int)size, 1), common ? Py_True : Py_False);
}

static PyObject *item(PyObject *mapping, const char *name)
{
    PyObject *found = PyMapping_GetItemString(mapping, name);
    Py_XDECREF(found); /* kept alive by the mapping */
    return found;
}

static int buffer(PyObject *arrays, const char *name, Py_buffer *into, Py_ssize_t item_size)
{
    PyObject *array = item(arrays, name);
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
    PyObject *number = item(about, name);
    if (!number)
        return -1;
    *into = (int)PyLong_AsLong(number);
    return PyErr_Occurred() ? -1 : 0;
}

static int take_sums(Asker *self, PyObject *about)
{
    Py_buffer of_byte;
    if (buffer(about, "of_byte", &of_byte, 8))
        return -1;
    int failed = of_byte.len != sizeof self->of_byte;
    if (failed)
        PyErr_SetString(PyExc_ValueError, "of_byte: 256 numbers");
    else
        memcpy(self->of_byte, of_byte.buf, sizeof self->of_byte);
    PyBuffer_Release(&of_byte);
    self->of_place[0] = self->unbase = 1;
    for (size_t at = 1; at < sizeof self->of_place / sizeof *self->of_place; at++)
        self->of_place[at] = self->of_place[at - 1] * BASE_WEIGHT;
    for (int each = 0; each < 6; each++) /* Newton: each step doubles the bits of the inverse that are right */
        self->unbase *= 2 - BASE_WEIGHT * self->unbase;
    return failed ? -1 : 0;
}

static int take_ways(Asker *self, PyObject *about)
{
    PyObject *leads = item(about, "leads"), *shared_max = leads ? item(about, "shared_max") : NULL;
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
    PyObject *levels = item(about, "levels");
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
        && are_below(&self->fold_of, 0, (uint64_t)(self->fold_ends.len / 8 - 1)) && are_below(&self->postings, WAY_BITS, (uint64_t)spellings);
    for (Py_ssize_t at = 0; whole && at < spellings; at++)
        whole = manners[at] < self->level_count;
    if (!whole)
        PyErr_SetString(PyExc_ValueError, "the arrays are not of one lexicon");
    return whole;
}

static PyObject *asker_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"arrays", "about", NULL};
    PyObject *arrays, *about;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO", names, &arrays, &about))
        return NULL;
    allocfunc alloc = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    Asker *self = (Asker *)alloc(type, 0);
    if (!self)
        return NULL;
    int failed = take_arrays(self, arrays) || spellings_from(about, &self->spellings) || take_sums(self, about) || take_ways(self, about)
        || take_levels(self, about) || commons_from(about, &self->commons) || listed_from(about, "links", &self->links)
        || listed_from(about, "ordinary", &self->ordinary) || take_number(about, "shift", &self->shift)
        || take_number(about, "depth", &self->depth) || take_number(about, "letters_min", &self->letters_min)
        || take_number(about, "has_verbs", &self->has_verbs) || take_number(about, "has_names", &self->has_names) || !are_whole(self);
    if (failed) {
        Py_DECREF((PyObject *)self);
        return NULL;
    }
    return (PyObject *)self;
}

static void asker_dealloc(Asker *self)
{
    PyTypeObject *type = Py_TYPE((PyObject *)self);
    Py_buffer *buffers[] = {&self->bits, &self->keys, &self->postings, &self->manners, &self->texts, &self->ends,
                            &self->anchor_of, &self->anchor_ends, &self->anchor_texts, &self->cores,
                            &self->fold_of, &self->fold_ends, &self->fold_texts};
    for (size_t at = 0; at < sizeof buffers / sizeof *buffers; at++)
        PyBuffer_Release(buffers[at]);
    spellings_free(&self->spellings);
    commons_free(&self->commons);
    Py_XDECREF(self->links);
    Py_XDECREF(self->ordinary);
    ((freefunc)PyType_GetSlot(type, Py_tp_free))(self);
    Py_DECREF(type);
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
