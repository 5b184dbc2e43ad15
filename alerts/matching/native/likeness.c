/* How near a word is to another: the functions of `alerts.matching.likeness`, for words of ASCII letters. Whoever changes one there
   changes it here. */
#include "asker.h"

static const uint8_t changed_max[] = {0, 1, 1, 1, 1, 1, 2, 2, 3};
static const uint8_t vowels_changed_max[] = {0, 0, 0, 1, 1, 1, 2, 2, 2, 3};

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

/* Whether two words begin with letters that no two writers choose between: g and q, k, h, j are. */
static int begins_otherwise(const Text *word, const Text *listed)
{
    char one = word->letters[0], other = listed->letters[0];
    return one != other && !(one == 'g' && strchr("qkhj", other)) && !(other == 'g' && strchr("qkhj", one));
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

static int consonant_count(const Text *form)
{
    int count = 0;
    for (int at = 0; at < form->size; at++)
        count += !is_final_vowel(form->letters[at]);
    return count;
}

/* Whether two normal forms differ in one consonant for another that is heard for it. */
static int differs_in_alike(const Text *form, const Text *other)
{
    static const char *const alike[] = {"gk", "bv", "dt", "sz"};
    int differing = -1;
    if (form->size != other->size)
        return 0;
    for (int at = 0; at < form->size; at++)
        if (form->letters[at] != other->letters[at]) {
            if (differing >= 0)
                return 0;
            differing = at;
        }
    if (differing < 0)
        return 0;
    char one = form->letters[differing], two = other->letters[differing];
    for (int pair = 0; pair < 4; pair++)
        if ((one == alike[pair][0] && two == alike[pair][1]) || (one == alike[pair][1] && two == alike[pair][0]))
            return 1;
    return 0;
}

/* `likeness._differs_in_a_vowel` */
static int differs_in_a_vowel(const Text *own, const Text *form, int edits, int written)
{
    if (edits == 2 && written == 1)
        return has_same_consonants(own, form) || differs_in_alike(own, form);
    return own->size != form->size && edits <= VOWELS_WRITTEN_MAX && has_same_consonants(own, form)
        && consonant_count(form) >= CONSONANTS_MIN && distance(own, form) == 1;
}

/* `likeness.errors` */
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
    int is_same_rest = own->size == form->size && !memcmp(own->letters + 1, form->letters + 1, (size_t)form->size - 1);
    if (!is_same_first && !is_other_begin && is_same_rest)
        return 1;
    Text even, other;
    evened(&asking->asker->tables.spellings, word->letters, word->size, &even);
    evened(&asking->asker->tables.spellings, listed->letters, listed->size, &other);
    int edits = distance(word, listed), written = distance(&even, &other);
    if (edits > 1 && word->size >= ERROR_MIN && is_same_first && differs_in_a_vowel(own, form, edits, written))
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
    return is_near(&meant->even, even, listed->size, changed_max, 8)
        || (listed->size > LOOSE_MIN && confuses_vowels(&meant->even, even, 0));
}

/* `senses.differs_in_vowels` */
static int differs_in_vowels(const Meant *meant, const Text *listed, const Text *form, const Text *even, int alone)
{
    char last = meant->form.letters[meant->form.size - 1];
    int ends_in_e = meant->word.letters[meant->word.size - 1] == 'e' || listed->letters[listed->size - 1] == 'e';
    if (last != form->letters[form->size - 1] && !ends_in_e)
        return 0;
    int heard = consonant_count(form);
    if (heard >= CONSONANTS_MIN && confuses_vowels(&meant->even, even, 0))
        return 1;
    if (distance(&meant->form, form) > (heard + 1) / 2)
        return 0;
    if (!is_near(&meant->even, even, listed->size, vowels_changed_max, 9))
        return 0;
    return !alone || confuses_vowels(&meant->even, even, form->size >= ERROR_MIN);
}

static const Meant *with_even(const Asker *asker, Meant *meant)
{
    if (meant->even.size < 0)
        evened(&asker->tables.spellings, meant->word.letters, meant->word.size, &meant->even);
    return meant;
}

/* How near a word is to an anchor on the way that led there: `lexicon._Meeting._compare`. */
static int nearness(Asking *asking, int way, const char *letters, int size, int alone, int level)
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
    normal_form(&self->tables.spellings, letters, size, &form);
    if (!form.size || (way == WORN && !asking->own_form.size))
        return UNKNOWN;
    if (way == WORN) {
        int edits = errors(asking, &listed, &form);
        return edits <= edits_allowed(level, size) ? 2 * edits : TOO_FAR;
    }
    evened(&self->tables.spellings, letters, size, &even);
    outline(&form, &outlined);
    int found = TOO_FAR;
    for (int at = 0; at < asking->meant_count; at++) {
        Meant *meant = &asking->meant[at];
        if (way == OUTLINE) {
            if (!meant->glued && is_same(&meant->outlined, &outlined)
                && differs_in_vowels(with_even(self, meant), &listed, &form, &even, alone))
                return 0;
        } else if (is_same(&meant->form, &form) && !(meant->glued && alone)
                   && is_respelling(with_even(self, meant), &listed, &even))
            found = found == 1 || is_same(&meant->word, &listed);
    }
    return found;
}

/* The same of a spelling by its number. Many in a row have the same anchor. */
int nearness_of(Asking *asking, int way, uint32_t number)
{
    const Asker *self = asking->asker;
    if (way == SCRIPT)
        return crossing_of(asking, number);
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
