/* `alerts.matching.native._native`: the first look at a text and the first question about a word, compiled. */
#include "native.h"

void *room_for(void *array, size_t count, size_t *room, size_t size)
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

/* Which sources this is compiled from; a test asks. */
#ifndef ALERTS_SOURCES
#define ALERTS_SOURCES ""
#endif

static int add_types(PyObject *module)
{
    PyObject *(*const makers[])(PyObject *) = {lists_type, scripts_type, memory_type, reading_type, asker_type, circle_type, speller_type,
                                               filer_type, sorter_type};
    for (size_t at = 0; at < sizeof makers / sizeof *makers; at++) {
        PyObject *type = makers[at](module);
        int failed = !type || PyModule_AddType(module, (PyTypeObject *)type);
        Py_XDECREF(type);
        if (failed)
            return -1;
    }
    return PyModule_AddStringConstant(module, "SOURCES", ALERTS_SOURCES);
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, add_types}, {0, NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_native", NULL, 0, NULL, slots, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__native(void)
{
    return PyModuleDef_Init(&module);
}
