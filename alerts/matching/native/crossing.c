/* Words of other scripts, asked for: `filing.Ask` for them, and which of the names that share a key they may be. */
#include "asker.h"

enum { LINK_BYTES_MAX = 6 }; /* of the longest link in any script; a kunya is shorter */

/* What an inflected word may be a form of, as Python says, under `w`. */
static int ask_bases(Asking *asking)
{
    PyObject *bases = PyObject_CallFunctionObjArgs(asking->asker->bases, asking->listed, NULL);
    Py_ssize_t count = bases ? PySequence_Size(bases) : -1;
    if (count > FOREIGN_BASES_MAX) {
        Py_DECREF(bases);
        return 1;
    }
    for (Py_ssize_t at = 0; at < count && !PyErr_Occurred(); at++) {
        PyObject *base = PySequence_GetItem(bases, at);
        Py_ssize_t size;
        const char *letters = base ? PyUnicode_AsUTF8AndSize(base, &size) : NULL;
        if (letters && size <= WORD_MAX) {
            set_text(&asking->foreign_bases[at], letters, (int)size);
            ask(asking, 'w', BASE, &asking->foreign_bases[at]);
        }
        Py_XDECREF(base);
    }
    Py_XDECREF(bases);
    return PyErr_Occurred() ? -1 : 0;
}

static int is_asked(const Asking *asking, uint64_t key)
{
    for (int at = asking->first_sound; at < asking->probe_count; at++)
        if (asking->probes[at].key == key)
            return 1;
    return 0;
}

/* What it shares with names in other scripts, unless it is an ordinary word. */
static int ask_sounds(Asking *asking)
{
    const Asker *self = asking->asker;
    asking->first_sound = asking->probe_count;
    asking->hard_max = -1;
    find_stems(self->scripts, &asking->foreign, &asking->stems);
    int ordinary = is_ordinary(self->scripts, &asking->foreign, &asking->stems);
    for (int at = 0; at < asking->stems.count && !ordinary; at++) {
        Text keys[2 * KEYS_MAX];
        int count = keys_of_stem(self->scripts, &asking->stems.stems[at], keys);
        for (int each = 0; each < count; each++) {
            uint64_t key = key_of(&self->sums, 'k', keys[each].letters, keys[each].size);
            if (!is_asked(asking, key))
                probe(asking, key, SCRIPT_REACH, &asking->own); /* the key itself tells nothing more */
        }
    }
    return ordinary < 0 ? -1 : 0;
}

int is_foreign_word(Asking *asking, const Asker *self, const char *letters, Py_ssize_t size)
{
    return letters && foreign_from(self->scripts, letters, size, &asking->foreign) != UNKNOWN_SCRIPT;
}

int collect_foreign(Asking *asking)
{
    int size = asking->size;
    set_text(&asking->own, asking->word, size);
    ask(asking, 'w', OWN, &asking->own);
    int failed = asking->asker->has_foreign ? ask_bases(asking) : 0; /* else no word of other letters is listed; none is an English verb */
    if (failed)
        return failed;
    return asking->asker->has_sounds && asking->foreign.size <= LETTERS_MAX ? ask_sounds(asking) : 0;
}

void ask_crossed(Asking *asking)
{
    const Asker *self = asking->asker;
    Text keys[SOUNDS_MAX];
    int count = sound_keys(&self->tables.sounds, asking->word, asking->size, keys);
    for (int at = 0; at < count; at++)
        probe(asking, key_of(&self->sums, 'x', keys[at].letters, keys[at].size), SCRIPT_REACH, &asking->own);
}

static int are_ascii(const char *letters, int size)
{
    int found = 1;
    for (int at = 0; at < size; at++)
        found &= !(letters[at] & 0x80);
    return found;
}

/* Whether a listed word agrees with a Latin one that is asked for, as below. */
static int agrees_with_latin(Asking *asking, const char *letters, int size)
{
    const Scripts *scripts = asking->asker->scripts;
    Text pure;
    Foreign word;
    if (are_ascii(letters, size))
        return TOO_FAR;
    if (!foreign_from(scripts, letters, size, &word))
        return UNKNOWN;
    if (word.size > LETTERS_MAX || asking->size > LETTERS_MAX)
        return TOO_FAR;
    find_stems(scripts, &word, &asking->stems);
    purify(asking->word, asking->size, &pure);
    return cheapest(scripts, &asking->stems, &pure, 0) < 0.0 ? TOO_FAR : UNKNOWN;
}

/* Whether a listed word agrees with the word that is asked for; UNKNOWN where Python must say. */
static int agrees(Asking *asking, const char *letters, int size, int told)
{
    if (!asking->is_foreign)
        return agrees_with_latin(asking, letters, size);
    const Scripts *scripts = asking->asker->scripts;
    Text pure, latin;
    Foreign word;
    int is_ascii = are_ascii(letters, size);
    if (is_ascii && (size > LETTERS_MAX || count_hard(letters, size) > asking->hard_max))
        return TOO_FAR;
    if (is_ascii)
        purify(letters, size, &pure);
    else {
        int script = foreign_from(scripts, letters, size, &word);
        if (!script || !romanise(scripts, &word, &latin))
            return UNKNOWN;
        if (script == asking->foreign.script || word.size > LETTERS_MAX)
            return TOO_FAR;
        purify(latin.letters, latin.size, &pure);
    }
    return cheapest(scripts, &asking->stems, &pure, told) < 0.0 ? TOO_FAR : UNKNOWN;
}

/* A text of the lexicon, folded: its words, how many; 0 where these are too many or too long. `Lists` says which are links. */
static int cut_folded(const Asker *self, uint32_t number, Text words[WORDS_MAX])
{
    uint64_t size;
    const char *text = folded_of(self, number, &size);
    int count = 0, is_within = 0;
    for (uint64_t at = 0; at < size; at++) {
        char letter = text[at] >= 'A' && text[at] <= 'Z' ? (char)(text[at] + 'a' - 'A') : text[at];
        if (letter == ' ') {
            is_within = 0;
            continue;
        }
        if (!is_within && count == WORDS_MAX)
            return 0;
        if (!is_within)
            words[count++].size = 0;
        is_within = 1;
        Text *word = &words[count - 1];
        if (word->size == WORD_MAX)
            return 0;
        word->letters[word->size++] = letter;
    }
    return count;
}

/* Words from one on, written as one; whether it is short enough. */
static int join(const Text *words, int first, int count, const int *kept, const char *before, Text *joined)
{
    joined->size = (int)strlen(before); /* of the room behind `WORD_MAX` */
    memcpy(joined->letters, before, (size_t)joined->size);
    for (int at = first; at < count; at++) {
        if (kept && !kept[at])
            continue;
        if (joined->size + words[at].size > WORD_MAX)
            return 0;
        memcpy(joined->letters + joined->size, words[at].letters, (size_t)words[at].size);
        joined->size += words[at].size;
    }
    return 1;
}

static int stands_in(const Asker *self, const Text *word, int lists)
{
    return word->size <= LINK_BYTES_MAX && lists_of(self->tables.lists, word->letters, word->size) & lists;
}

/* Which of the words are no links, or all where each is one; how many. */
static int keep_core(const Asker *self, const Text *words, int count, int *kept)
{
    int core = 0;
    for (int at = 0; at < count; at++)
        core += kept[at] = !stands_in(self, &words[at], IN_LINKS);
    for (int at = 0; at < count && !core; at++)
        kept[at] = 1;
    return core ? core : count;
}

/* The same of a name of several words, written as one: `filing.closed_spellings`. */
static int closed_agrees(Asking *asking, uint32_t number, int told)
{
    static const char *const kunyas[] = {"bu", "albu", "abu"};
    const Asker *self = asking->asker;
    Text words[WORDS_MAX], joined;
    int count = cut_folded(self, number, words), kept[WORDS_MAX], first = 0;
    if (count == 1)
        return TOO_FAR;
    if (!count || !join(words, 0, count, NULL, "", &joined))
        return UNKNOWN;
    int found = agrees(asking, joined.letters, joined.size, told), core = keep_core(self, words, count, kept);
    if (found == TOO_FAR && core > 1 && core < count && join(words, 0, count, kept, "", &joined))
        found = agrees(asking, joined.letters, joined.size, told);
    while (!kept[first])
        first++;
    int is_kunya = core > 1 && stands_in(self, &words[first], IN_KUNYAS);
    for (int at = 0; at < 3 && is_kunya && found == TOO_FAR; at++)
        if (join(words, first + 1, count, kept, kunyas[at], &joined))
            found = agrees(asking, joined.letters, joined.size, told);
    return found;
}

/* Most of what is looked up is far away in memory: all of it is fetched before any of it is needed. Where it is has been fetched. */
void prepare_crossings(const Asker *self, const uint32_t *postings, Py_ssize_t count)
{
    const uint32_t *anchor_of = self->anchor_of.buf;
    const uint64_t *ends = self->ends.buf, *anchor_ends = self->anchor_ends.buf;
    for (Py_ssize_t at = 0; at < count; at++) {
        PREFETCH(&anchor_ends[anchor_of[postings[at] >> WAY_BITS]]);
        PREFETCH((const char *)self->texts.buf + ends[postings[at] >> WAY_BITS]);
    }
    for (Py_ssize_t at = 0; at < count; at++)
        PREFETCH((const char *)self->anchor_texts.buf + anchor_ends[anchor_of[postings[at] >> WAY_BITS]]);
}

/* A spelling that has been held against the word is a row already, or is none. */
static int is_seen(Asking *asking, uint32_t number)
{
    if (!asking->has_seen)
        memset(asking->seen, 0, sizeof asking->seen);
    asking->has_seen = 1;
    uint32_t *seen = &asking->seen[number % SEEN];
    int is_known = *seen == number + 1;
    *seen = number + 1;
    return is_known;
}

int crossing_of(Asking *asking, uint32_t number)
{
    if (is_seen(asking, number))
        return TOO_FAR;
    if (asking->is_foreign && asking->hard_max < 0)
        asking->hard_max = hard_max_of(asking->asker->scripts, &asking->stems);
    const Asker *self = asking->asker;
    uint32_t anchor = ((const uint32_t *)self->anchor_of.buf)[number];
    const uint64_t *ends = self->anchor_ends.buf;
    int flags = self->levels[((const uint8_t *)self->manners.buf)[number]];
    int script = asking->is_foreign ? asking->foreign.script : UNKNOWN_SCRIPT;
    int told = (script == ARABIC && flags & TOLD_ARABIC) || (script == HEBREW && flags & TOLD_HEBREW);
    uint64_t size = ends[anchor + 1] - ends[anchor];
    if (size > WORD_MAX)
        return UNKNOWN;
    if (size && (asking->last_anchor != anchor || asking->last_asked != told)) {
        asking->last_near = agrees(asking, (const char *)self->anchor_texts.buf + ends[anchor], (int)size, told);
        asking->last_anchor = anchor;
        asking->last_asked = told;
    }
    return size && asking->last_near == UNKNOWN ? UNKNOWN : closed_agrees(asking, number, told);
}
