/* How well two words in different scripts are the same name: `_agreement` of `alerts.text.scripts`, and its sums in the same order. */
#include "scripts.h"

#include <math.h>

static int is_soft(char letter)
{
    return is_vowel(letter) || letter == 'y' || letter == 'w';
}

/* The price of each Latin letter where the other script leaves it out: `_unwritten`. */
static void find_unwritten(const Scripts *self, const Text *latin, const Stem *stem, int is_whole, double prices[LATIN_MAX])
{
    int size = latin->size, is_abjad = stem->word.script <= HEBREW;
    double brief = is_abjad ? self->unwritten[stem->sounds < UNWRITTEN_MAX ? stem->sounds : UNWRITTEN_MAX - 1] : self->unwritten_cyrillic;
    for (int at = 0; at < size; at++) {
        char letter = latin->letters[at], before = at ? latin->letters[at - 1] : ' ';
        if (letter == 'h' && is_vowel(before))
            prices[at] = self->unwritten_h;
        else if (!is_soft(letter))
            prices[at] = INFINITY;
        else
            prices[at] = letter == 'y' || letter == 'w' || is_vowel(before) ? self->unwritten_glide : brief;
    }
    if (size && is_soft(latin->letters[0]))
        prices[0] = INFINITY;
    if (size < 2)
        return;
    char last = latin->letters[size - 1];
    if (prices[size - 1] == self->unwritten_h)
        prices[size - 1] = 0.0;
    else if (!is_soft(last) || !is_whole || is_vowel(latin->letters[size - 2]))
        prices[size - 1] = INFINITY;
    else
        prices[size - 1] = last == 'e' ? self->unwritten_e : is_abjad ? self->unwritten_last : INFINITY;
}

static int spell(double *costs, double cost, double limit)
{
    if (cost > limit || cost >= *costs)
        return 0;
    *costs = cost;
    return 1;
}

/* Every way on from a place of the stem by one of its letters; whether there is any. */
static int spell_letter(const Scripts *self, const Letter *letter, int is_alif, const Text *latin, const double *from, double *to, double limit)
{
    int any = 0;
    for (int index = 0; index <= latin->size; index++) {
        if (from[index] == INFINITY)
            continue;
        for (int each = 0; each < letter->spelt_count; each++) {
            const Spelt *spelt = &letter->spelt[each];
            int size = spelt->letters.size;
            double price = !index && size && is_alif && spelt->price > self->initial_alif ? self->initial_alif : spelt->price;
            if (from[index] + price > limit || index + size > latin->size || memcmp(latin->letters + index, spelt->letters.letters, (size_t)size))
                continue;
            any |= spell(&to[index + size], from[index] + price, limit);
        }
    }
    return any;
}

/* The price of spelling a stem as a Latin word, infinite beyond the limit: `_cost`. */
static double cost(const Scripts *self, const Stem *stem, const Text *latin, const double *unwritten, double limit)
{
    double costs[FOREIGN_MAX + 2][LATIN_MAX + 1];
    int size = stem->word.size, furthest = 0;
    const uint16_t *letters = stem->word.letters;
    for (int at = 0; at <= size; at++)
        for (int index = 0; index <= latin->size; index++)
            costs[at][index] = INFINITY;
    costs[0][0] = 0.0;
    for (int at = 0; at <= furthest; at++) {
        for (int index = 0; index < latin->size; index++)
            spell(&costs[at][index + 1], costs[at][index] + unwritten[index], limit);
        if (at == size)
            break;
        int reached = 0;
        if (at && letters[at] == letters[at - 1] && !has_letter(&self->vowels_doubled, letters[at]))
            for (int index = 0; index <= latin->size; index++)
                reached |= spell(&costs[at + 1][index], costs[at][index], limit);
        furthest = reached && furthest < at + 1 ? at + 1 : furthest;
        for (int each = 0; each < stem->counts[at]; each++) {
            const Letter *letter = stem->at[at][each];
            int next = at + letter->size, is_alif = has_letter(&self->alifs, letters[at]);
            if (spell_letter(self, letter, is_alif, latin, costs[at], costs[next], limit) && furthest < next)
                furthest = next;
        }
    }
    return costs[size][latin->size];
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
        double unwritten[LATIN_MAX];
        Text rest = *pure;
        rest.size -= ending->size;
        find_unwritten(self, &rest, stem, !ending->size, unwritten);
        double price = stem->price + cost(self, stem, &rest, unwritten, limit - stem->price);
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
    static const char *const sounds[] = {"shch", "tsch", "sch", "zh", "sh", "kh", "gh", "th", "dh", "ch"};
    const char *letters = plain->letters;
    for (size_t each = 0; each <= sizeof sounds / sizeof *sounds; each++) {
        int is_letter = each == sizeof sounds / sizeof *sounds, size = is_letter ? 1 : (int)strlen(sounds[each]);
        if (is_letter ? letters[at] == 'x' || letters[at] == 'a' : plain->size - at < size || memcmp(letters + at, sounds[each], (size_t)size))
            continue;
        *end = at + size;
        while (*end + size <= plain->size && !memcmp(letters + *end, letters + at, (size_t)size))
            *end += size;
        if (*end > at + size)
            return size;
    }
    return 0;
}

void purify(const char *letters, int size, Text *pure)
{
    Text plain = {0, ""};
    for (int at = 0; at < size && plain.size < FORM_MAX; at++)
        if (letters[at] >= 'a' && letters[at] <= 'z')
            plain.letters[plain.size++] = letters[at];
    int end = 0;
    for (int at = 0; at < plain.size; at++) {
        int is_long = at + 1 < plain.size && plain.letters[at] == plain.letters[at + 1] && (plain.letters[at] == 'o' || plain.letters[at] == 'e');
        plain.letters[end++] = is_long ? plain.letters[at] == 'o' ? 'u' : 'i' : plain.letters[at];
        at += is_long;
    }
    plain.size = end;
    pure->size = 0;
    for (int at = 0; at < plain.size; at = end) {
        int sound = doubled_at(&plain, at, &end);
        if (!sound)
            end = at + (sound = 1);
        memcpy(pure->letters + pure->size, plain.letters + at, (size_t)sound);
        pure->size += sound;
    }
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
        const Small *spelt = &letter[0]->spelt[0].letters;
        if (latin->size + spelt->size > LATIN_MAX)
            return 0;
        memcpy(latin->letters + latin->size, spelt->letters, (size_t)spelt->size);
        latin->size += spelt->size;
    }
    return 1;
}
