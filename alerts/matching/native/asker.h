/* What asking, likeness and circles share. */
#ifndef ALERTS_ASKER_H
#define ALERTS_ASKER_H

#include "keys.h"
#include "scripts.h"

enum { OWN, BASE, STEM, VERB, FORM_REACH, OUTLINE_REACH, WORN_REACH, SCRIPT_REACH, REACHES };
enum { PHRASE, INFLECTED, VERBAL, JOINED, HALF, COMMON, FORM, CLOSED, OUTLINE, WORN, SCRIPT };
enum { OFF, STRICT, NORMAL, LOOSE, LEVEL = 3, WORDLY = 4, EXACTLY = 8, TOLD_ARABIC = 16, TOLD_HEBREW = 32 };
enum { ASKED_MAX = 40, NAME_MIN = 3, LOOSE_MIN = 4, ERROR_MIN = 6, TWO_ERRORS_MIN = 8, EDGE_MIN = 8, WRITTEN_ERRORS_MAX = 2 };
enum { VOWELS_WRITTEN_MAX = 3, CONSONANTS_MIN = 4 };
enum { WORDS_MAX = 16, LINK_MAX = 4, FOREIGN_BASES_MAX = 48, SEEN = 1024 };
enum { PROBES_MAX = 4096, READINGS_MAX = 4 + ORTHOGRAPHIES_MAX, FAR = 99, WAY_BITS = 4 };

typedef struct Asking Asking;

typedef struct {
    PyObject_HEAD
    Tables tables;
    Asking *spare; /* room for some words, while nobody asks */
    Py_buffer bits, keys, postings, manners, texts, ends, anchor_of, anchor_ends, anchor_texts, cores, fold_of, fold_ends, fold_texts;
    Scripts *scripts;
    PyObject *bases; /* `spellings.bases` */
    uint8_t levels[4096]; /* by manner, and whether its spellings are words as they stand, which are not put off */
    Py_ssize_t level_count;
    uint32_t leads[REACHES]; /* the ways that each reach may go, as bits */
    Py_ssize_t shared_max[REACHES];
    int shift, depth, letters_min, has_verbs, has_names, has_sounds, has_crossed, has_foreign;
    Sums sums;
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

enum { SOUNDS_LIKE, IS, IS_BASE, IS_LINK, EXTENDS, BEGINS_LIKE };

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

/* What a word may be meant as, as `filing.readings` has it. */
typedef struct {
    Text word, form, outlined, even; /* `even` is there once it has been asked for: its size is below 0 before */
    int glued;
} Meant;

struct Asking {
    const Asker *asker;
    PyObject *listed; /* the word as it was asked; borrowed from the list */
    const char *word;
    int size;
    Text own, own_form, stem, bases[2], digits[ASKED_MAX];
    Meant meant[READINGS_MAX];
    int meant_count;
    Probe probes[PROBES_MAX];
    int probe_count;
    int is_foreign;
    Foreign foreign; /* a word of another script, its stems and bases, and where among the probes its sounds begin */
    Stems stems;
    Text foreign_bases[FOREIGN_BASES_MAX];
    int first_sound, hard_max; /* and the most hard letters that it may be spelt with */
    int has_seen;
    uint32_t seen[SEEN]; /* spellings that have been held against it, each plus one, by their last bits */
    uint32_t last_anchor;
    int last_asked, last_near;
};

/* How near a word is to the anchor of a spelling, on the way that led there. */
int nearness_of(Asking *asking, int way, uint32_t number);

/* Words of other scripts: whether a word is one, its keys (1 where there are too many, -1 with an exception set), and whether it may be a
   name that shares one. */
int is_foreign_word(Asking *asking, const Asker *self, const char *letters, Py_ssize_t size);
int collect_foreign(Asking *asking);
void ask_crossed(Asking *asking); /* a Latin word that may be listed in another script */
int crossing_of(Asking *asking, uint32_t number);
void prepare_crossings(const Asker *self, const uint32_t *postings, Py_ssize_t count); /* which are soon to be asked for */

void probe(Asking *asking, uint64_t key, int reach, const Text *text);
void ask(Asking *asking, char kind, int reach, const Text *text);

Circle *new_circle(Asker *asker, PyObject *word);
int add_row(const Asking *asking, const Probe *probe, Circle *circle, int way, uint32_t number, int near);

static inline void set_text(Text *text, const char *letters, int size)
{
    memcpy(text->letters, letters, (size_t)size);
    text->size = size;
}

/* A spelling folded, but for its capitals; words have spaces between. */
static inline const char *folded_of(const Asker *self, uint32_t number, uint64_t *size)
{
    uint32_t fold = ((const uint32_t *)self->fold_of.buf)[number];
    const uint64_t *ends = fold ? self->fold_ends.buf : self->ends.buf;
    uint64_t place = fold ? fold : number;
    *size = ends[place + 1] - ends[place];
    return (const char *)(fold ? self->fold_texts.buf : self->texts.buf) + ends[place];
}

static inline int distance(const Text *one, const Text *other)
{
    return osa_distance(one->letters, one->size, other->letters, other->size);
}

#endif
