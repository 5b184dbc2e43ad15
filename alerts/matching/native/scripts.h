/* Words of other scripts: what scripts.c, inflections.c, agreement.c and crossing.c share. All of it is `alerts.text.scripts`, whose tables
   are handed over. Whoever changes one there changes it here; a test holds them together. */
#ifndef ALERTS_SCRIPTS_H
#define ALERTS_SCRIPTS_H

#include "native.h"

enum { UNKNOWN_SCRIPT, ARABIC, HEBREW, CYRILLIC, GREEK, LATIN }; /* the first two leave vowels out */
enum { CODES = 0x700, END_MARK = '$', STEM_MIN = 2, GROUP_MAX = 3, SOUNDS_MIN = 2, KEYS_MAX = 16 };
enum { FOREIGN_MAX = 40, LETTERS_MAX = 30, LATIN_MAX = 90 };
enum { SMALL_MAX = 8, SPELT_MAX = 4, ENDING_MAX = 4, SEVERAL_MAX = 8, CLASSES_MAX = 4, STEMS_MAX = 32, LIMITS_MAX = 6, UNWRITTEN_MAX = 5 };

/* A word of one of these scripts, in code points; a stem with the mark of its end. */
typedef struct {
    int size, script;
    uint16_t letters[FOREIGN_MAX + 2];
} Foreign;

/* A few letters in UTF-8. */
typedef struct {
    int size;
    char letters[SMALL_MAX];
} Small;

/* What a letter is spelt as, at a price. As numbers, so that two are held against each other at once: the letters, and what masks them. */
typedef struct {
    double price;
    int size;
    uint32_t letters, mask;
} Spelt;

/* A letter, or a group that is read as one: the classes of consonants that it may stand for, and its spellings. */
typedef struct {
    int size, class_count, spelt_count;
    uint16_t group[GROUP_MAX];
    Small classes[CLASSES_MAX];
    const Spelt *spelt;
    int hard_max; /* the most hard letters that a spelling has */
} Letter;

/* What a word may begin or end with, and what stands for that. */
typedef struct {
    int size, count;
    uint16_t letters[ENDING_MAX];
    Small several[SEVERAL_MAX];
} Affix;

typedef struct {
    Py_ssize_t count;
    Affix *affixes;
} Affixes;

typedef struct {
    PyObject_HEAD
    Letter *letters; /* those that begin alike stand together, the longest first */
    Spelt *spelt;
    uint16_t first_of[CODES + 1]; /* of every code where its letters begin */
    uint8_t script_of[CODES];
    Foreign vowels_doubled, alifs, kurdish;
    PyObject *ordinary; /* a set of words */
    Affixes cases, greek_cases, changed, arabic_prefixes, hebrew_prefixes, articles, adjectives, arabic_endings, hebrew_endings, plurals;
    double limits[3][LIMITS_MAX], unwritten[UNWRITTEN_MAX], preposition, adjective, initial_alif, unwritten_cyrillic, unwritten_glide;
    double unwritten_h, unwritten_e, unwritten_last;
} Scripts;

/* A word with its inflection off, and the Latin endings that it asks for. */
typedef struct {
    Foreign word;
    const Affix *endings; /* NULL: any */
    double price;
    int sounds; /* how many consonants it has; -1: not counted */
    uint8_t counts[FOREIGN_MAX + 2]; /* then at each place how many letters begin there, and which */
    const Letter *at[FOREIGN_MAX + 2][GROUP_MAX];
} Stem;

typedef struct {
    int count, is_too_many;
    Stem stems[STEMS_MAX];
} Stems;

static inline int is_soft(char letter)
{
    return is_vowel(letter) || letter == 'y' || letter == 'w';
}

static inline int is_hard(char letter)
{
    return letter >= 'a' && letter <= 'z' && letter != 'h' && !is_soft(letter);
}

Scripts *scripts_from(PyObject *about); /* a new reference, or NULL with an exception set */

/* A word as it is in UTF-8; its script, or none where a letter is of none, or of another one than the rest. */
int foreign_from(const Scripts *self, const char *letters, Py_ssize_t size, Foreign *word);
int utf8_of(const uint16_t *letters, int size, char *into);
int has_letter(const Foreign *word, uint16_t letter);
int letters_at(const Scripts *self, const Foreign *word, int at, const Letter *found[GROUP_MAX]);

/* Inflections: a word as it stands and with what may be off. */
void find_stems(const Scripts *self, const Foreign *word, Stems *stems);
int is_ordinary(const Scripts *self, const Foreign *word, const Stems *stems); /* -1 with an exception set */

/* The keys of a stem in `keys`, twice `KEYS_MAX` of them or fewer; how many. */
int keys_of_stem(const Scripts *self, const Stem *stem, Text *keys);

/* Consonants that are there in both scripts, unlike h: how many at least there are in Latin letters, however they are purified. */
int count_hard(const char *letters, int size);
/* The most that a word of these stems may be spelt with. */
int hard_max_of(const Scripts *self, Stems *stems);

/* Latin letters without what differs in writing only. */
void purify(const char *letters, int size, Text *pure);
/* The first spelling of each letter; 0 where that is too long. */
int romanise(const Scripts *self, const Foreign *word, Text *latin);
/* What the word costs whose stems these are, spelt as a Latin word; -1 where that is more than it may. `told`: it is listed, too. */
double cheapest(const Scripts *self, Stems *stems, const Text *pure, int told);

#endif
