/* How well two words in different scripts are the same name: `_agreement` of `alerts.text.scripts`, and its sums in the same order. */
#include "scripts.h"

#include <math.h>

/* The price of each Latin letter where the other script leaves it out: `_unwritten`. */
static void find_unwritten(const Scripts *self, const char *latin, int size, const Stem *stem, int is_whole, double prices[LATIN_MAX])
{
    int is_abjad = stem->word.script <= HEBREW;
    double brief = is_abjad ? self->unwritten[stem->sounds < UNWRITTEN_MAX ? stem->sounds : UNWRITTEN_MAX - 1] : self->unwritten_cyrillic;
    for (int at = 0; at < size; at++) {
        char letter = latin[at], before = at ? latin[at - 1] : ' ';
        if (letter == 'h' && is_vowel(before))
            prices[at] = self->unwritten_h;
        else if (!at || !is_soft(letter))
            prices[at] = INFINITY;
        else
            prices[at] = letter == 'y' || letter == 'w' || is_vowel(before) ? self->unwritten_glide : brief;
    }
    if (size < 2)
        return;
    char last = latin[size - 1];
    if (prices[size - 1] == self->unwritten_h)
        prices[size - 1] = 0.0;
    else if (!is_soft(last) || !is_whole || is_vowel(latin[size - 2]))
        prices[size - 1] = INFINITY;
    else
        prices[size - 1] = last == 'e' ? self->unwritten_e : is_abjad ? self->unwritten_last : INFINITY;
}

static int lower(double *costs, double cost, double limit)
{
    if (cost > limit || cost >= *costs)
        return 0;
    *costs = cost;
    return 1;
}

/* The table of `_cost`: of so much of a stem and so many Latin letters what one is as the other. Rows are filled when they are reached. */
typedef struct {
    double costs[FOREIGN_MAX + 2][LATIN_MAX + 1], limit;
    const char *latin;
    int size, furthest; /* the last row with anything in it */
} Costs;

static void fill_rows(Costs *table, int first, int last)
{
    for (int row = first; row <= last; row++)
        for (int index = 0; index <= table->size; index++)
            table->costs[row][index] = INFINITY;
}

/* Every way on from one row by a letter. */
static void spell_letter(const Scripts *self, Costs *table, const Letter *letter, int is_alif, int at)
{
    const double *from = table->costs[at];
    double *to = table->costs[at + letter->size];
    int any = 0;
    for (int index = 0; index <= table->size; index++) {
        if (from[index] == INFINITY)
            continue;
        uint32_t there;
        memcpy(&there, table->latin + index, sizeof there);
        for (int each = 0; each < letter->spelt_count; each++) {
            const Spelt *spelt = &letter->spelt[each];
            if ((there & spelt->mask) != spelt->letters || index + spelt->size > table->size)
                continue;
            int is_free = !index && spelt->size && is_alif && spelt->price > self->initial_alif;
            any |= lower(&to[index + spelt->size], from[index] + (is_free ? self->initial_alif : spelt->price), table->limit);
        }
    }
    if (any && table->furthest < at + letter->size)
        table->furthest = at + letter->size;
}

/* The same letter again, at no price. */
static void repeat(Costs *table, int at)
{
    int any = 0;
    for (int index = 0; index <= table->size; index++)
        any |= lower(&table->costs[at + 1][index], table->costs[at][index], table->limit);
    if (any && table->furthest < at + 1)
        table->furthest = at + 1;
}

/* The price of spelling a stem as so many Latin letters, infinite beyond the limit: `_cost`. No stem begins with what is left out. */
static double cost(const Scripts *self, const Stem *stem, const Text *pure, int size, double limit)
{
    Costs table;
    double unwritten[LATIN_MAX];
    const uint16_t *letters = stem->word.letters;
    int filled = -1;
    table.limit = limit;
    table.latin = pure->letters;
    table.size = size;
    table.furthest = 0;
    for (int at = 0; at <= table.furthest; at++) {
        int needed = at + GROUP_MAX < stem->word.size ? at + GROUP_MAX : stem->word.size;
        fill_rows(&table, filled + 1, needed);
        filled = needed;
        if (!at)
            table.costs[0][0] = 0.0;
        if (at == 1)
            find_unwritten(self, pure->letters, size, stem, size == pure->size, unwritten);
        for (int index = 0; at && index < size; index++)
            lower(&table.costs[at][index + 1], table.costs[at][index] + unwritten[index], limit);
        if (at == stem->word.size)
            return table.costs[at][size];
        if (at && letters[at] == letters[at - 1] && !has_letter(&self->vowels_doubled, letters[at]))
            repeat(&table, at);
        for (int each = 0; each < stem->counts[at]; each++)
            spell_letter(self, &table, stem->at[at][each], has_letter(&self->alifs, letters[at]), at);
    }
    return INFINITY;
}

/* What letters begin at each place, and how many consonants there are: `_heard`. */
static void read_stem(const Scripts *self, Stem *stem)
{
    stem->sounds = 0;
    for (int at = 0; at < stem->word.size; at++)
        stem->counts[at] = (uint8_t)letters_at(self, &stem->word, at, stem->at[at]);
    for (int at = 0; at < stem->word.size; at += stem->counts[at] ? stem->at[at][0]->size : 1)
        stem->sounds += stem->counts[at] && stem->at[at][0]->classes[0].letters[0] != '.';
}

/* Equal ones beside each other, but for an h, may be one. So may be the same groups: only those with ch are of several letters. */
int count_hard(const char *letters, int size)
{
    int count = 0;
    char last = 0;
    for (int at = 0; at < size; at++) {
        char letter = letters[at];
        if (at > 1 && (letter == 's' || letter == 't') && letters[at - 1] == 'h' && letters[at - 2] == 'c')
            return 0;
        count += is_hard(letter) && letter != last;
        last = letter == 'h' ? last : letter;
    }
    return count;
}

int hard_max_of(const Scripts *self, Stems *stems)
{
    int most = 0;
    for (int each = 0; each < stems->count; each++) {
        Stem *stem = &stems->stems[each];
        int hard = 0;
        read_stem(self, stem);
        for (int at = 0; at < stem->word.size; at++) {
            int best = 0;
            for (int one = 0; one < stem->counts[at]; one++)
                best = stem->at[at][one]->hard_max > best ? stem->at[at][one]->hard_max : best;
            hard += best;
        }
        for (int at = 0; stem->endings && at < stem->endings->count; at++)
            most = hard + stem->endings->several[at].size > most ? hard + stem->endings->several[at].size : most;
        most = hard > most ? hard : most;
    }
    return most;
}

/* `_agreement`, before it is a score */
static double cheapest_of(const Scripts *self, Stem *stem, const Text *pure, int told)
{
    static const Affix any = {0, 1, {0}, {{0, ""}}};
    if (stem->sounds < 0)
        read_stem(self, stem);
    const double *limits = self->limits[told ? 1 : stem->word.script <= HEBREW ? 0 : 2];
    double limit = limits[stem->sounds < LIMITS_MAX ? stem->sounds : LIMITS_MAX - 1], found = INFINITY;
    const Affix *endings = stem->endings ? stem->endings : &any;
    for (int at = 0; at < endings->count && stem->price <= limit; at++) {
        const Small *ending = &endings->several[at];
        if (!ends_with(pure->letters, pure->size, ending->letters, ending->size))
            continue;
        double price = stem->price + cost(self, stem, pure, pure->size - ending->size, limit - stem->price);
        found = price < found ? price : found;
    }
    return found <= limit ? found : -1.0;
}

double cheapest(const Scripts *self, Stems *stems, const Text *pure, int told)
{
    double found = -1.0;
    for (int at = 0; at < stems->count && pure->size && pure->size <= LATIN_MAX; at++) {
        double price = cheapest_of(self, &stems->stems[at], pure, told);
        if (price >= 0.0 && (found < 0.0 || price < found))
            found = price;
    }
    return found;
}

/* The size of the sound at a place that stands there several times, and in `end` where these end; 0 where there is none: `_DOUBLED`. */
static int doubled_at(const Text *plain, int at, int *end)
{
    static const Small sounds[] = {{4, "shch"}, {4, "tsch"}, {3, "sch"}, {2, "zh"}, {2, "sh"}, {2, "kh"},
                                   {2, "gh"}, {2, "th"}, {2, "dh"}, {2, "ch"}};
    const char *letters = plain->letters + at;
    int size = 0, left = plain->size - at;
    for (size_t each = 0; each < sizeof sounds / sizeof *sounds && !size; each++) {
        int length = sounds[each].size;
        if (left >= 2 * length && letters[length] == *letters && !memcmp(letters, sounds[each].letters, (size_t)length)
            && !memcmp(letters, letters + length, (size_t)length))
            size = length;
    }
    if (!size && left > 1 && letters[1] == *letters && *letters != 'x' && *letters != 'a')
        size = 1;
    *end = at + size;
    while (size && *end + size <= plain->size && !memcmp(plain->letters + *end, letters, (size_t)size))
        *end += size;
    return size;
}

/* Every sound once where it stands several times. */
static void undouble_sounds(const Text *plain, Text *pure)
{
    pure->size = 0;
    for (int at = 0, end; at < plain->size; at = end) {
        int sound = doubled_at(plain, at, &end);
        if (!sound)
            end = at + (sound = 1);
        memcpy(pure->letters + pure->size, plain->letters + at, (size_t)sound);
        pure->size += sound;
    }
}

void purify(const char *letters, int size, Text *pure)
{
    int doubled = 0, breaths = 0;
    pure->size = 0;
    for (int at = 0; at < size && pure->size < LATIN_MAX; at++) {
        char letter = letters[at];
        if (letter < 'a' || letter > 'z')
            continue;
        int is_again = pure->size && pure->letters[pure->size - 1] == letter;
        breaths += letter == 'h';
        doubled |= is_again;
        if (is_again && (letter == 'o' || letter == 'e'))
            pure->letters[pure->size - 1] = letter == 'o' ? 'u' : 'i';
        else
            pure->letters[pure->size++] = letter;
    }
    if (doubled || breaths > 1) { /* groups end in h, but for the letters that stand alone */
        Text plain = *pure;
        undouble_sounds(&plain, pure);
    }
    memset(pure->letters + pure->size, 0, SPELT_MAX); /* several are looked at at once */
}

int romanise(const Scripts *self, const Foreign *word, Text *latin)
{
    Foreign once = {0, word->script, {0}};
    for (int at = 0; at < word->size; at++)
        if (!at || word->letters[at] != word->letters[at - 1] || word->letters[at] == 0x430) /* two а are two sounds */
            once.letters[once.size++] = word->letters[at];
    const Letter *letter[GROUP_MAX];
    latin->size = 0;
    for (int at = 0; at < once.size; at += letters_at(self, &once, at, letter) ? letter[0]->size : 1) {
        if (!letters_at(self, &once, at, letter))
            continue;
        const Spelt *spelt = &letter[0]->spelt[0];
        if (latin->size + spelt->size > LATIN_MAX)
            return 0;
        memcpy(latin->letters + latin->size, &spelt->letters, (size_t)spelt->size);
        latin->size += spelt->size;
    }
    return 1;
}
