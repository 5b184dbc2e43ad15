/* `Memory`, the chunks of texts that are known, and `Reading`, a text cut into them. `alerts.matching.reading` says what each does. */
#include "native.h"

enum { KNOWN = 1, ANCHOR = 2, ODD = 4, EMPTY = 8 };
enum { CHUNK_MAX = 400, SLOTS_MIN = 1 << 10 };
#define LONG_CHUNK UINT32_MAX

enum { HEAD = 16 };

/* A chunk as it is looked up. Most fit into the head, so that few are read from where they are kept. */
typedef struct {
    uint64_t head[2];  /* the first bytes, and zeros */
    const char *bytes; /* of a chunk that is longer than its head */
    uint32_t size, hash;
} Key;

typedef struct {
    uint64_t head[2];
    size_t at; /* in `bytes` */
    PyObject *circle; /* where the chunk is an anchor only with another beside it */
    uint32_t hash;
    uint32_t neighbour; /* 1 + a number in `neighbours`, once it has stood beside an anchor */
    uint16_t size;
    uint8_t state;
} Entry;

typedef struct {
    uint32_t hash, number; /* 1 + the number of an entry; 0 where the slot is free */
} Slot;

typedef struct {
    PyObject_HEAD
    uint64_t seed;
    Entry *entries;
    uint32_t count, room;
    Slot *slots;
    uint32_t slot_count;
    char *bytes;
    size_t bytes_used, bytes_room;
    Neighbour *neighbours; /* their `letters` are those of the entry */
    size_t neighbour_count, neighbour_room;
} Memory;

typedef struct {
    uint32_t entry, start, end; /* code points */
    uint32_t whole;             /* where a part of a hashtag can be told to be one: at the mark; else as `start` */
} Chunk;

typedef struct {
    PyObject_HEAD
    Memory *memory;
    PyObject *text;
    PyObject *plain, *odd; /* the chunks that nothing was known of: letters or digits of ASCII as text, all others as bytes */
    Chunk *chunks;
    Py_ssize_t count, room, length;
    uint32_t *doubtful; /* the places of chunks that were anchors already, or of which nothing was known */
    size_t doubtful_count, doubtful_room;
    int unsure;
} Reading;

static PyTypeObject *reading_class; /* readings are made by memories only */

/* What a byte becomes inside a chunk: itself in small letters; 0 where a chunk ends, or more than ASCII begins. */
static char inside[256];

static void learn_ascii(void)
{
    for (int code = 0; code < 128; code++) {
        int is_capital = code >= 'A' && code <= 'Z';
        int is_letter = is_capital || (code >= 'a' && code <= 'z') || (code >= '0' && code <= '9');
        inside[code] = is_letter || code == '\'' || code == '`' ? (char)(is_capital ? code + 32 : code) : 0;
    }
}

static uint64_t mixed(uint64_t hash, uint64_t part)
{
    hash = (hash ^ part) * 0x9E3779B97F4A7C15u;
    return hash ^ hash >> 32;
}

static void keep_head(Key *key)
{
    if (key->size < 8) {
        key->head[0] &= ((uint64_t)1 << 8 * key->size) - 1;
        key->head[1] = 0;
    } else if (key->size < HEAD)
        key->head[1] &= ((uint64_t)1 << 8 * (key->size - 8)) - 1;
}

static void set_hash(Key *key, uint64_t seed)
{
    uint64_t hash = mixed(mixed(seed ^ key->size, key->head[0]), key->head[1]);
    for (size_t at = HEAD; at < key->size; at += 8) {
        uint64_t part = 0;
        memcpy(&part, key->bytes + at, key->size - at < 8 ? key->size - at : 8);
        hash = mixed(hash, part);
    }
    key->hash = (uint32_t)(hash ^ hash >> 29);
}

static void set_key(Key *key, const char *bytes, size_t size, uint64_t seed)
{
    char head[HEAD] = {0};
    memcpy(head, bytes, size < HEAD ? size : HEAD);
    memcpy(key->head, head, HEAD);
    key->bytes = bytes;
    key->size = (uint32_t)size;
    set_hash(key, seed);
}

/* The bytes of a chunk, in small letters; valid as long as the key is. */
static const char *bytes_of(const Key *key)
{
    return key->size > HEAD ? key->bytes : (const char *)key->head;
}

static int is_chunk(const Memory *self, const Entry *entry, const Key *key)
{
    return entry->head[0] == key->head[0] && entry->head[1] == key->head[1] && entry->size == key->size
        && (key->size <= HEAD || !memcmp(self->bytes + entry->at + HEAD, key->bytes + HEAD, key->size - HEAD));
}

static int spread(Memory *self, uint32_t slot_count)
{
    Slot *slots = PyMem_Calloc(slot_count, sizeof *slots);
    if (!slots) {
        PyErr_NoMemory();
        return -1;
    }
    for (uint32_t number = 0; number < self->count; number++) {
        uint32_t hash = self->entries[number].hash, at = hash & (slot_count - 1);
        while (slots[at].number)
            at = (at + 1) & (slot_count - 1);
        slots[at] = (Slot){hash, number + 1};
    }
    PyMem_Free(self->slots);
    self->slots = slots;
    self->slot_count = slot_count;
    return 0;
}

static int64_t add_entry(Memory *self, const Key *key, Slot *slot)
{
    size_t room = self->room;
    Entry *entries = room_for(self->entries, (size_t)self->count + 1, &room, sizeof *entries);
    if (!entries)
        return -1;
    self->entries = entries;
    self->room = (uint32_t)room;
    char *all = room_for(self->bytes, self->bytes_used + key->size, &self->bytes_room, 1);
    if (!all)
        return -1;
    self->bytes = all;
    memcpy(all + self->bytes_used, bytes_of(key), key->size);
    entries[self->count] = (Entry){{key->head[0], key->head[1]}, self->bytes_used, NULL, key->hash, 0, (uint16_t)key->size, 0};
    self->bytes_used += key->size;
    *slot = (Slot){key->hash, ++self->count};
    if (self->count > self->slot_count / 2 && spread(self, self->slot_count * 2))
        return -1;
    return (int64_t)self->count - 1;
}

/* The number of a chunk, which is remembered where it is new; -1 with an exception set. */
static int64_t remember(Memory *self, const Key *key)
{
    uint32_t at = key->hash & (self->slot_count - 1);
    for (; self->slots[at].number; at = (at + 1) & (self->slot_count - 1)) {
        const Slot *slot = &self->slots[at];
        if (slot->hash == key->hash && is_chunk(self, &self->entries[slot->number - 1], key))
            return slot->number - 1;
    }
    return add_entry(self, key, &self->slots[at]);
}

static int64_t remember_bytes(Memory *self, const char *bytes, size_t size)
{
    Key key;
    set_key(&key, bytes, size, self->seed);
    return remember(self, &key);
}

static PyObject *memory_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"seed", NULL};
    long long seed;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "L", names, &seed))
        return NULL;
    Memory *self = allocated(type);
    if (!self)
        return NULL;
    self->seed = (uint64_t)seed * 0x9E3779B97F4A7C15u;
    if (spread(self, SLOTS_MIN)) {
        Py_DECREF((PyObject *)self);
        return NULL;
    }
    return (PyObject *)self;
}

static void memory_dealloc(Memory *self)
{
    for (uint32_t at = 0; at < self->count; at++)
        Py_XDECREF(self->entries[at].circle);
    PyMem_Free(self->neighbours);
    PyMem_Free(self->entries);
    PyMem_Free(self->slots);
    PyMem_Free(self->bytes);
    freed(self);
}

static Py_ssize_t memory_length(Memory *self)
{
    return (Py_ssize_t)self->count;
}

/* The bytes of a chunk, which is bytes or, where it is plain, text; -1 with an exception set. */
static int chunk_of(PyObject *chunk, const char **bytes, Py_ssize_t *size)
{
    if (PyUnicode_Check(chunk))
        return (*bytes = PyUnicode_AsUTF8AndSize(chunk, size)) ? 0 : -1;
    return PyBytes_AsStringAndSize(chunk, (char **)bytes, size);
}

static PyObject *memory_mark(Memory *self, PyObject *args)
{
    PyObject *chunks;
    int state;
    if (!PyArg_ParseTuple(args, "Oi", &chunks, &state))
        return NULL;
    PyObject *each = PyObject_GetIter(chunks), *chunk;
    if (!each)
        return NULL;
    while ((chunk = PyIter_Next(each))) {
        const char *bytes;
        Py_ssize_t size;
        int64_t number = -1;
        if (!chunk_of(chunk, &bytes, &size))
            number = size > CHUNK_MAX ? 0 : remember_bytes(self, bytes, (size_t)size);
        if (number >= 0 && size <= CHUNK_MAX)
            self->entries[number].state = (uint8_t)(KNOWN | state);
        Py_DECREF(chunk);
        if (number < 0)
            break;
    }
    Py_DECREF(each);
    if (PyErr_Occurred())
        return NULL;
    Py_RETURN_NONE;
}

static PyObject *memory_wait(Memory *self, PyObject *args)
{
    const char *bytes;
    Py_ssize_t size;
    PyObject *chunk, *circle;
    if (!PyArg_ParseTuple(args, "OO", &chunk, &circle) || chunk_of(chunk, &bytes, &size))
        return NULL;
    if (!is_circle(circle)) {
        PyErr_SetString(PyExc_TypeError, "a circle is waited for");
        return NULL;
    }
    int64_t number = size > CHUNK_MAX ? -1 : remember_bytes(self, bytes, (size_t)size);
    if (number < 0)
        return PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
    PyObject *before = self->entries[number].circle;
    Py_INCREF(circle);
    self->entries[number].circle = circle;
    self->entries[number].state = KNOWN | ANCHOR;
    Py_XDECREF(before);
    Py_RETURN_NONE;
}

/* Whether a chunk in small letters is plainly one word: ASCII letters, or ASCII digits. */
static int is_plain(const char *bytes, size_t size)
{
    int is_number = bytes[0] <= '9';
    for (size_t at = 0; at < size; at++)
        if (is_number ? bytes[at] < '0' || bytes[at] > '9' : bytes[at] < 'a' || bytes[at] > 'z')
            return 0;
    return 1;
}

/* What is cut off and not yet looked up: of many at once, what the next ones need comes from memory meanwhile. */
enum { PENDING_MAX = 256, SLOT_AHEAD = 12, ENTRY_AHEAD = 6 };

typedef struct {
    Reading *reading;
    const unsigned char *text;
    size_t size;
    char *small; /* where chunks are kept that are not ASCII as it stands, or long */
    size_t small_used;
    Key keys[PENDING_MAX];
    Chunk chunks[PENDING_MAX];
    int count;
} Cutter;

static int add_unseen(Reading *self, const Key *key)
{
    const char *bytes = bytes_of(key);
    int plain = is_plain(bytes, key->size);
    Py_ssize_t size = (Py_ssize_t)key->size;
    PyObject *unseen = plain ? PyUnicode_FromStringAndSize(bytes, size) : PyBytes_FromStringAndSize(bytes, size);
    int failed = !unseen || PySet_Add(plain ? self->plain : self->odd, unseen);
    Py_XDECREF(unseen);
    return failed ? -1 : 0;
}

static int add_chunk(Reading *self, const Key *key, Chunk chunk)
{
    int is_long = key->size > CHUNK_MAX;
    int64_t number = is_long ? LONG_CHUNK : remember(self->memory, key);
    if (number < 0)
        return -1;
    self->unsure |= is_long;
    chunk.entry = (uint32_t)number;
    self->chunks[self->count++] = chunk;
    uint8_t state = is_long ? 0 : self->memory->entries[number].state;
    if ((state & (KNOWN | ANCHOR)) == KNOWN)
        return 0;
    self->doubtful[self->doubtful_count++] = (uint32_t)self->count - 1;
    return state & KNOWN ? 0 : add_unseen(self, key);
}

static int look_up(Cutter *self)
{
    Reading *reading = self->reading;
    const Memory *memory = reading->memory;
    size_t room = (size_t)reading->room;
    if (!self->count)
        return 0;
    Chunk *chunks = room_for(reading->chunks, (size_t)(reading->count + self->count), &room, sizeof *chunks);
    if (!chunks)
        return -1;
    reading->chunks = chunks;
    reading->room = (Py_ssize_t)room;
    size_t most = reading->doubtful_count + (size_t)self->count;
    uint32_t *doubtful = room_for(reading->doubtful, most, &reading->doubtful_room, sizeof *doubtful);
    if (!doubtful)
        return -1;
    reading->doubtful = doubtful;
    for (int at = 0; at < self->count; at++) {
        if (at + SLOT_AHEAD < self->count)
            PREFETCH(&memory->slots[self->keys[at + SLOT_AHEAD].hash & (memory->slot_count - 1)]);
        if (at + ENTRY_AHEAD < self->count) {
            uint32_t number = memory->slots[self->keys[at + ENTRY_AHEAD].hash & (memory->slot_count - 1)].number;
            PREFETCH(&memory->entries[number ? number - 1 : 0]);
        }
        if (add_chunk(reading, &self->keys[at], self->chunks[at]))
            return -1;
    }
    self->count = 0;
    return 0;
}

/* The next key to fill in; NULL with an exception set. */
static Key *next_key(Cutter *self)
{
    return self->count == PENDING_MAX && look_up(self) ? NULL : &self->keys[self->count];
}

/* Small letters that stand in `small` from `begin` on. */
static int add_kept(Cutter *self, size_t begin, Chunk chunk)
{
    Key *key = next_key(self);
    if (!key)
        return -1;
    set_key(key, self->small + begin, self->small_used - begin, self->reading->memory->seed);
    self->chunks[self->count++] = chunk;
    return 0;
}

/* A short chunk of ASCII as it stands in the text, with as much behind it as a head holds: all that is inside a chunk but capitals has the
   bit that makes a capital small. */
static int add_short(Cutter *self, size_t begin, size_t size, Chunk chunk)
{
    Key *key = next_key(self);
    if (!key)
        return -1;
    memcpy(key->head, self->text + begin, HEAD);
    key->head[0] |= 0x2020202020202020u;
    key->head[1] |= 0x2020202020202020u;
    key->bytes = NULL;
    key->size = (uint32_t)size;
    keep_head(key);
    set_hash(key, self->reading->memory->seed);
    self->chunks[self->count++] = chunk;
    return 0;
}

/* What stands for a typographic mark: the byte of its plain form in `plain`, and how many bytes the mark has; 0 where it is none. */
static size_t mark_at(const unsigned char *bytes, size_t left, char *plain)
{
    *plain = ' ';
    if (left >= 2 && ((bytes[0] == 0xC2 && bytes[1] == 0xA0) || (bytes[0] == 0xD8 && bytes[1] == 0x8C)))
        return 2; /* no-break space, Arabic comma */
    if (left >= 3 && bytes[0] == 0xEF && bytes[1] == 0xBC && bytes[2] == 0x83) {
        *plain = '#'; /* the full-width one */
        return 3;
    }
    if (left < 3 || bytes[0] != 0xE2 || bytes[1] != 0x80)
        return 0;
    switch (bytes[2]) {
    case 0x98: case 0x99: /* quotation marks that are apostrophes */
        *plain = '\'';
        return 3;
    case 0x9C: case 0x9D: case 0x93: case 0x94: case 0xA6: /* double ones, dashes, the ellipsis */
        return 3;
    default:
        return 0;
    }
}

static int is_capital(unsigned char byte)
{
    return byte >= 'A' && byte <= 'Z';
}

static int is_small(unsigned char byte)
{
    return byte >= 'a' && byte <= 'z';
}

/* How many bytes behind the mark of a hashtag are a word in which a capital begins another. Unsure where more than ASCII decides that. */
static size_t tag_at(const unsigned char *bytes, size_t left, int *unsure)
{
    size_t size = 0, head = 0, length;
    int is_plain = 1, has_capital = 0;
    char plain;
    for (; size < left; size += length) {
        length = bytes[size] < 128 ? 1 : mark_at(bytes + size, left - size, &plain);
        if (bytes[size] < 128 ? !inside[bytes[size]] : length && plain != '\'')
            break;
        is_plain &= bytes[size] < 128 && bytes[size] != '\'' && bytes[size] != '`';
        has_capital |= size && is_capital(bytes[size]);
        length += !length;
    }
    if (!is_plain)
        *unsure |= has_capital;
    else if (size)
        for (int is_number = bytes[0] <= '9'; head < size && (is_number || bytes[head] > '9'); head++)
            ;
    return head;
}

/* Whether a capital inside a hashtag begins a word. */
static int is_border(const unsigned char *bytes, const unsigned char *end)
{
    return is_capital(bytes[0]) && (is_small(bytes[-1]) || (is_capital(bytes[-1]) && bytes + 1 < end && is_small(bytes[1])));
}

static int cut(Cutter *self)
{
    const unsigned char *bytes = self->text, *tag_end = bytes;
    size_t size = self->size, at = 0, begin = 0; /* where in `small` the chunk begins */
    uint32_t point = 0, start = 0, whole = 0, tag = 0, tag_next = UINT32_MAX; /* where a chunk of a hashtag would go on */
    int failed = 0;
    while (at <= size && !failed) {
        char letter = 0, plain;
        size_t taken = 1;
        int is_tag = 0;
        if (self->small_used == begin) {
            start = point;
            whole = point == tag_next ? tag : point;
        }
        if (at < size) {
            if (bytes[at] < 128) {
                letter = inside[bytes[at]];
                is_tag = bytes[at] == '#';
            } else if ((taken = mark_at(bytes + at, size - at, &plain))) {
                letter = plain == ' ' || plain == '#' ? 0 : plain;
                is_tag = plain == '#';
            } else { /* a letter, for all that is known here: all of its bytes */
                taken = bytes[at] >= 0xF0 ? 4 : bytes[at] >= 0xE0 ? 3 : 2;
                memcpy(self->small + self->small_used, bytes + at, taken);
                self->small_used += taken;
                at += taken;
                point++;
                continue;
            }
        }
        if (letter && bytes[at] < 128 && bytes + at >= tag_end) { /* what most of a text is */
            size_t end = at + 1;
            while (end < size && inside[bytes[end]])
                end++;
            uint32_t run = (uint32_t)(end - at);
            if (self->small_used == begin && end < size && bytes[end] < 128 && run <= HEAD && at + HEAD <= size)
                failed = add_short(self, at, run, (Chunk){0, start, point + run, whole});
            else
                for (; at < end; at++)
                    self->small[self->small_used++] = inside[bytes[at]];
            at = end;
            point += run;
            continue;
        }
        int splits = letter && is_border(bytes + at, tag_end);
        if (self->small_used > begin && (!letter || splits)) {
            failed = add_kept(self, begin, (Chunk){0, start, point, whole});
            begin = self->small_used;
            tag_next = splits ? point : tag_next;
            start = point;
            whole = point == tag_next ? tag : point;
        }
        if (letter)
            self->small[self->small_used++] = letter;
        if (is_tag) {
            tag = point;
            tag_next = point + 1;
            tag_end = bytes + at + taken + tag_at(bytes + at + taken, size - at - taken, &self->reading->unsure);
        }
        at += taken;
        point++;
    }
    return failed || look_up(self) ? -1 : 0;
}

static int cut_text(Reading *reading, const char *text, size_t size)
{
    Cutter *cutter = PyMem_Malloc(sizeof *cutter);
    char *small = PyMem_Malloc(size + 1);
    int failed = !cutter || !small;
    if (failed)
        PyErr_NoMemory();
    else {
        cutter->reading = reading;
        cutter->text = (const unsigned char *)text;
        cutter->size = size;
        cutter->small = small;
        cutter->small_used = 0;
        cutter->count = 0;
        failed = cut(cutter);
    }
    PyMem_Free(small);
    PyMem_Free(cutter);
    return failed;
}

static PyObject *memory_read(Memory *self, PyObject *text)
{
    Py_ssize_t size;
    if (!PyUnicode_Check(text)) {
        PyErr_SetString(PyExc_TypeError, "a text is read");
        return NULL;
    }
    const char *bytes = PyUnicode_AsUTF8AndSize(text, &size);
    if (!bytes) {
        if (!PyErr_ExceptionMatches(PyExc_UnicodeEncodeError))
            return NULL;
        PyErr_Clear(); /* a surrogate without its other half */
        Py_RETURN_NONE;
    }
    if ((uint64_t)size >= UINT32_MAX)
        Py_RETURN_NONE;
    Reading *reading = allocated(reading_class);
    if (!reading)
        return NULL;
    Py_INCREF((PyObject *)self);
    reading->memory = self;
    Py_INCREF(text);
    reading->text = text;
    reading->length = PyUnicode_GetLength(text);
    reading->plain = PySet_New(NULL);
    reading->odd = PySet_New(NULL);
    if (!reading->plain || !reading->odd || cut_text(reading, bytes, (size_t)size)) {
        Py_DECREF((PyObject *)reading);
        return NULL;
    }
    return (PyObject *)reading;
}

static void reading_dealloc(Reading *self)
{
    Py_XDECREF((PyObject *)self->memory);
    Py_XDECREF(self->text);
    Py_XDECREF(self->plain);
    Py_XDECREF(self->odd);
    PyMem_Free(self->chunks);
    PyMem_Free(self->doubtful);
    freed(self);
}

static uint8_t state_of(const Reading *self, Py_ssize_t at)
{
    uint32_t entry = self->chunks[at].entry;
    return entry == LONG_CHUNK ? 0 : self->memory->entries[entry].state;
}

/* The chunk at a place as a neighbour; -1 with an exception set. */
static int neighbour_at(const Reading *self, Py_ssize_t at, PyObject *circle, Neighbour *near)
{
    Memory *memory = self->memory;
    uint32_t number = self->chunks[at].entry;
    if (number == LONG_CHUNK || memory->entries[number].state & ODD) {
        meet(circle, NULL, 0, near);
        return 0;
    }
    Entry *entry = &memory->entries[number];
    const char *letters = memory->bytes + entry->at;
    if (!entry->neighbour) {
        Neighbour *all = room_for(memory->neighbours, memory->neighbour_count + 1, &memory->neighbour_room, sizeof *all);
        if (!all)
            return -1;
        memory->neighbours = all;
        meet(circle, letters, entry->size, &all[memory->neighbour_count]);
        entry->neighbour = (uint32_t)++memory->neighbour_count;
    }
    *near = memory->neighbours[entry->neighbour - 1];
    near->letters = letters;
    return 0;
}

/* Whether a chunk may stand beside the one at a place that belongs to a term with it; -1 with an exception set. */
static int may_be_anchor(const Reading *self, Py_ssize_t place, PyObject *circle)
{
    for (int step = -1; step < 2; step += 2) {
        int seen = 0;
        for (Py_ssize_t at = place + step; at >= 0 && at < self->count && seen < REACH; at += step) {
            if (state_of(self, at) & EMPTY)
                continue;
            Neighbour near;
            if (neighbour_at(self, at, circle, &near))
                return -1;
            if (may_stand_beside(circle, &near, step, !seen++))
                return 1;
            if (near.is_known && !near.is_link)
                break;
        }
    }
    return 0;
}

static PyObject *reading_anchors(Reading *self, PyObject *unused)
{
    (void)unused;
    PyObject *found = PyList_New(0);
    for (size_t each = 0; found && each < self->doubtful_count; each++) {
        Py_ssize_t at = self->doubtful[each];
        if (!(state_of(self, at) & ANCHOR))
            continue;
        PyObject *circle = self->memory->entries[self->chunks[at].entry].circle;
        int may_be = circle ? may_be_anchor(self, at, circle) : 1;
        if (!may_be)
            continue;
        PyObject *number = may_be > 0 ? PyLong_FromSsize_t(at) : NULL;
        if (!number || PyList_Append(found, number))
            Py_CLEAR(found);
        Py_XDECREF(number);
    }
    return found;
}

static PyObject *chunk_bytes(const Reading *self, Py_ssize_t at)
{
    uint32_t number = self->chunks[at].entry;
    if (number == LONG_CHUNK)
        return PyBytes_FromStringAndSize("", 0);
    const Entry *entry = &self->memory->entries[number];
    return PyBytes_FromStringAndSize(self->memory->bytes + entry->at, entry->size);
}

static int add_words(PyObject *words, const Reading *self, Py_ssize_t at, PyObject *odd)
{
    if (state_of(self, at) & ODD) {
        PyObject *chunk = chunk_bytes(self, at);
        PyObject *several = chunk ? PyObject_GetItem(odd, chunk) : NULL;
        Py_XDECREF(chunk);
        Py_ssize_t size = several ? PySequence_Size(several) : -1;
        int failed = size < 0;
        for (Py_ssize_t each = 0; each < size && !failed; each++) {
            PyObject *word = PySequence_GetItem(several, each);
            failed = !word || PyList_Append(words, word);
            Py_XDECREF(word);
        }
        Py_XDECREF(several);
        return failed ? -1 : 0;
    }
    uint32_t number = self->chunks[at].entry;
    if (number == LONG_CHUNK)
        return 0;
    const Entry *entry = &self->memory->entries[number];
    PyObject *word = PyUnicode_FromStringAndSize(self->memory->bytes + entry->at, entry->size);
    int failed = !word || PyList_Append(words, word);
    Py_XDECREF(word);
    return failed ? -1 : 0;
}

/* The chunk so many others away from a place in one direction, empty ones not counted; -1 or the count where there are not so many. */
static Py_ssize_t away(const Reading *self, Py_ssize_t place, Py_ssize_t reach, int step)
{
    Py_ssize_t at = place;
    while (reach >= 0 && at >= 0 && at < self->count) {
        at += step;
        if (at >= 0 && at < self->count && !(state_of(self, at) & EMPTY))
            reach--;
    }
    return at;
}

static PyObject *reading_sketch(Reading *self, PyObject *args)
{
    Py_ssize_t place, reach, begin = 0, end = 0;
    PyObject *odd;
    if (!PyArg_ParseTuple(args, "nnO", &place, &reach, &odd))
        return NULL;
    if (place < 0 || place >= self->count) {
        PyErr_SetString(PyExc_IndexError, "no such chunk");
        return NULL;
    }
    Py_ssize_t first = away(self, place, reach - 1, -1), last = away(self, place, reach - 1, 1);
    PyObject *words = PyList_New(0);
    for (Py_ssize_t at = first < 0 ? 0 : first; words && at <= last && at < self->count; at++) {
        if (at == place)
            begin = PyList_Size(words);
        if (add_words(words, self, at, odd))
            Py_CLEAR(words);
        else if (at == place)
            end = PyList_Size(words);
    }
    return words ? Py_BuildValue("(Nnn)", words, begin, end) : NULL;
}

static PyObject *reading_window(Reading *self, PyObject *args)
{
    Py_ssize_t place, reach;
    if (!PyArg_ParseTuple(args, "nn", &place, &reach))
        return NULL;
    if (place < 0 || place >= self->count) {
        PyErr_SetString(PyExc_IndexError, "no such chunk");
        return NULL;
    }
    Py_ssize_t first = away(self, place, reach, -1), last = away(self, place, reach, 1);
    Py_ssize_t start = first < 0 ? 0 : (Py_ssize_t)self->chunks[first].whole;
    Py_ssize_t end = last < self->count ? (Py_ssize_t)self->chunks[last].end : self->length;
    return Py_BuildValue("(nnn)", start, end, (Py_ssize_t)self->chunks[place].start);
}

static PyObject *reading_plain(Reading *self, void *unused)
{
    (void)unused;
    return Py_NewRef(self->plain);
}

static PyObject *reading_odd(Reading *self, void *unused)
{
    (void)unused;
    return Py_NewRef(self->odd);
}

static PyObject *reading_unsure(Reading *self, void *unused)
{
    (void)unused;
    return PyBool_FromLong(self->unsure);
}

static PyMethodDef memory_methods[] = {
    {"read", (PyCFunction)memory_read, METH_O, NULL},
    {"mark", (PyCFunction)memory_mark, METH_VARARGS, NULL},
    {"wait", (PyCFunction)memory_wait, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};
static PyType_Slot memory_slots[] = {
    {Py_tp_new, memory_new}, {Py_tp_dealloc, memory_dealloc}, {Py_tp_methods, memory_methods}, {Py_sq_length, memory_length}, {0, NULL},
};
static PyType_Spec memory_spec = {"alerts.matching.native._native.Memory", sizeof(Memory), 0, Py_TPFLAGS_DEFAULT, memory_slots};

static PyMethodDef reading_methods[] = {
    {"anchors", (PyCFunction)reading_anchors, METH_NOARGS, NULL},
    {"sketch", (PyCFunction)reading_sketch, METH_VARARGS, NULL},
    {"window", (PyCFunction)reading_window, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};
static PyGetSetDef reading_getset[] = {
    {"plain", (getter)reading_plain, NULL, NULL, NULL},
    {"odd", (getter)reading_odd, NULL, NULL, NULL},
    {"unsure", (getter)reading_unsure, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};
static PyType_Slot reading_slots[] = {
    {Py_tp_dealloc, reading_dealloc}, {Py_tp_methods, reading_methods}, {Py_tp_getset, reading_getset}, {0, NULL},
};
static PyType_Spec reading_spec = {
    "alerts.matching.native._native.Reading", sizeof(Reading), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, reading_slots,
};

PyObject *memory_type(PyObject *module)
{
    learn_ascii();
    return PyType_FromModuleAndSpec(module, &memory_spec, NULL);
}

PyObject *reading_type(PyObject *module)
{
    return type_of(module, &reading_spec, &reading_class);
}
