"""From speech probabilities to stretches of speech: ext/include/gate.h."""

from libc.stdint cimport uint8_t, uint32_t, uint64_t


cdef extern from "gate.h" nogil:
    enum:
        REC_GATE_DELAY
        REC_GATE_BLOCKS
        REC_GATE_CHANGES

    ctypedef struct rec_gate_change:
        uint64_t block
        uint8_t speaking

    ctypedef struct rec_gate:
        uint64_t block
        uint8_t threshold
        uint8_t speaking

    int rec_gate_threshold(double sensitivity)
    int rec_gate_init(rec_gate *g, double sensitivity)
    int rec_gate_check(const void *bytes, size_t size, double sensitivity)
    uint32_t rec_gate_feed(rec_gate *g, const uint8_t *voice, uint32_t blocks, rec_gate_change *changes)
    uint32_t rec_gate_skip(rec_gate *g, uint64_t to_block, rec_gate_change *changes)
