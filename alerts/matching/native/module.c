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

void *allocated(PyTypeObject *type)
{
    return ((allocfunc)PyType_GetSlot(type, Py_tp_alloc))(type, 0);
}

void freed(void *object)
{
    PyTypeObject *type = Py_TYPE((PyObject *)object);
    ((freefunc)PyType_GetSlot(type, Py_tp_free))(object);
    Py_DECREF(type);
}

PyObject *made_from(PyTypeObject *type, PyObject *args, PyObject *kwargs, int (*fill)(PyObject *object, PyObject *about))
{
    static char *names[] = {"about", NULL};
    PyObject *about;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O", names, &about))
        return NULL;
    PyObject *object = allocated(type);
    if (object && fill(object, about))
        Py_CLEAR(object);
    return object;
}

PyObject *type_of(PyObject *module, PyType_Spec *spec, PyTypeObject **kept)
{
    PyObject *type = PyType_FromModuleAndSpec(module, spec, NULL);
    if (type && !*kept) {
        Py_INCREF(type);
        *kept = (PyTypeObject *)type;
    }
    return type;
}

PyObject *borrowed(PyObject *mapping, const char *name)
{
    PyObject *found = PyMapping_GetItemString(mapping, name);
    Py_XDECREF(found); /* kept alive by the mapping */
    return found;
}

void *given(PyObject *about, const char *name, PyTypeObject *type)
{
    PyObject *found = PyMapping_GetItemString(about, name);
    if (found && !PyObject_TypeCheck(found, type)) {
        PyErr_Format(PyExc_TypeError, "%s: not as it is compiled", name);
        Py_CLEAR(found);
    }
    return found;
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
