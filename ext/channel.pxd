"""The detectors of one channel: ext/include/decimate.h, dtmf.h and vad.h."""

from libc.stdint cimport int16_t, int64_t, uint8_t, uint32_t, uint64_t


cdef extern from "decimate.h" nogil:
    enum:
        REC_DECIMATE_MAX

    ctypedef struct rec_decimate:
        pass

    int rec_decimate_init(rec_decimate *d, uint32_t rate_hz)
    uint32_t rec_decimate_process(rec_decimate *d, const int16_t *pcm, uint32_t samples, int16_t *out)
    uint64_t rec_decimate_frame(const rec_decimate *d, int64_t sample)


cdef extern from "dtmf.h" nogil:
    enum:
        REC_DTMF_EVENTS

    ctypedef struct rec_dtmf_event:
        int64_t sample
        uint8_t on
        char digit

    ctypedef struct rec_dtmf:
        pass

    void rec_dtmf_init(rec_dtmf *d)
    uint32_t rec_dtmf_process(rec_dtmf *d, const int16_t *pcm, uint32_t samples, rec_dtmf_event *events)


cdef extern from "vad.h" nogil:
    enum:
        REC_VAD_BLOCKS

    ctypedef struct rec_vad:
        pass

    void rec_vad_init(rec_vad *v)
    uint32_t rec_vad_process(rec_vad *v, const int16_t *pcm, uint32_t samples, float *probability)
