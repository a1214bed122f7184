"""The ear of one line: ext/include/ear.h."""

from libc.stdint cimport int16_t, uint8_t, uint32_t, uint64_t


cdef extern from "ear.h" nogil:
    enum:
        REC_EAR_VERSION
        REC_EAR_PARTIES
        REC_HEARD_BLOCKS
        REC_HEARD_DIGITS
        REC_DIGIT_OFF
        REC_DIGIT_ON

    ctypedef struct rec_block:
        int16_t min
        int16_t max
        uint8_t voice
        uint8_t level

    ctypedef struct rec_digit:
        uint64_t frame
        uint8_t party
        uint8_t kind
        char digit

    ctypedef struct rec_heard:
        uint64_t head
        uint64_t judged
        uint64_t first_block
        uint32_t blocks
        uint32_t digits
        rec_block[REC_EAR_PARTIES][REC_HEARD_BLOCKS] block
        rec_digit[REC_HEARD_DIGITS] digit

    ctypedef struct rec_ear:
        uint32_t rate_hz
        uint32_t parties
        uint64_t head

    int rec_ear_init(rec_ear *e, uint32_t rate_hz, uint32_t parties, uint64_t first_frame)
    void rec_ear_hear(rec_ear *e, const int16_t *pcm, uint32_t frames, rec_heard *out)
    void rec_ear_flush(rec_ear *e, rec_heard *out)
    int rec_ear_check(const void *bytes, size_t size, uint32_t rate_hz, uint32_t parties)
