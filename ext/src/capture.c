#include "capture.h"

#include <string.h>

static void count(_Atomic uint64_t *counter, uint64_t by) {
    atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + by, memory_order_relaxed);
}

int rec_intake_init(rec_intake *in, uint32_t rate_hz, uint32_t channels, enum rec_ring_cause first_cause) {
    memset(in, 0, sizeof *in);
    if (rate_hz == 0 || channels == 0 || channels > REC_INTAKE_CHANNELS)
        return -1;
    in->rate_hz = rate_hz;
    in->channels = channels;
    in->first_cause = first_cause;
    rec_dll_init(&in->dll, rate_hz);
    return 0;
}

int rec_intake_add(rec_intake *in, rec_ring_writer *ring, const uint16_t *map) {
    if (in->lines == REC_INTAKE_LINES || ring->channels > REC_LINE_CHANNELS)
        return -1;
    rec_intake_line *line = &in->line[in->lines];
    for (uint32_t c = 0; c < ring->channels; c++) {
        if (map[c] >= in->channels)
            return -1;
        line->map[c] = map[c];
    }
    line->ring = ring;
    in->lines++;
    return 0;
}

static void write_gaps(rec_intake *in, uint64_t frames, enum rec_ring_cause cause) {
    for (uint32_t i = 0; i < in->lines; i++)
        rec_ring_write_gap(in->line[i].ring, frames, cause);
    count(&in->gaps, 1);
    count(&in->lost_frames, frames);
}

/* Frames that a ring misses between an earlier writer's last one and the frame sampled at adc_ns. */
static uint64_t missing_since(const rec_ring_writer *ring, int64_t adc_ns) {
    rec_ring_reader view = rec_ring_view(ring);
    rec_ring_anchor anchor;
    uint64_t head = rec_ring_writer_head(ring);
    if (!ring->attached || rec_ring_anchor_for(&view, head, &anchor) < 0)
        return 0;
    double since = (double)(adc_ns - anchor.boottime_ns) / 1e9 * anchor.rate_hz;
    double missing = since - (double)(int64_t)(head - anchor.frame);
    return missing >= 1.0 ? (uint64_t)(missing + 0.5) : 0;
}

static void go_on_after_earlier_writers(rec_intake *in, int64_t adc_ns) {
    uint64_t most = 0;
    for (uint32_t i = 0; i < in->lines; i++) {
        uint64_t missing = missing_since(in->line[i].ring, adc_ns);
        if (missing > 0)
            rec_ring_write_gap(in->line[i].ring, missing, in->first_cause);
        most = missing > most ? missing : most;
    }
    if (most > 0) {
        count(&in->gaps, 1);
        count(&in->lost_frames, most);
    }
}

/* Fill what is missing before this block; 1 when the loop must start anew with it. */
static int fill_before(rec_intake *in, unsigned long flags, int64_t adc_ns) {
    if (!in->running) {
        go_on_after_earlier_writers(in, adc_ns);
        in->running = 1;
        return 1;
    }
    double late_s = rec_dll_error_s(&in->dll, adc_ns);
    int overflow = (flags & REC_PA_INPUT_OVERFLOW) != 0;
    if (!overflow && late_s <= REC_INTAKE_JUMP_S && late_s >= -REC_INTAKE_JUMP_S) {
        rec_dll_correct(&in->dll, late_s);
        return 0;
    }
    double lost = late_s * rec_dll_rate_hz(&in->dll);
    if (lost >= 0.5)
        write_gaps(in, (uint64_t)(lost + 0.5), overflow ? REC_GAP_OVERRUN : REC_GAP_DEVICE);
    return 1;
}

static void write_anchors(rec_intake *in, const rec_moment *now) {
    int64_t boot_ns = rec_dll_next_ns(&in->dll);
    rec_ring_anchor anchor = {.boottime_ns = boot_ns,
                              .realtime_ns = now->real_ns - (now->boot_ns - boot_ns),
                              .rate_hz = rec_dll_rate_hz(&in->dll)};
    for (uint32_t i = 0; i < in->lines; i++) {
        anchor.frame = rec_ring_writer_head(in->line[i].ring);
        rec_ring_write_anchor(in->line[i].ring, &anchor);
    }
    in->since_anchor = 0;
}

void rec_intake_take(rec_intake *in, const int16_t *pcm, uint64_t frames, unsigned long flags, int64_t adc_ns,
                     const rec_moment *now) {
    int starts = fill_before(in, flags, adc_ns);
    if (starts)
        rec_dll_start(&in->dll, adc_ns);
    if (starts || in->since_anchor >= in->rate_hz / 2)
        write_anchors(in, now);
    for (uint32_t i = 0; i < in->lines; i++)
        rec_ring_write_mapped(in->line[i].ring, pcm, frames, in->channels, in->line[i].map);
    rec_dll_advance(&in->dll, frames);
    in->since_anchor += frames;
}

static uint64_t counted(const _Atomic uint64_t *counter) { return atomic_load_explicit(counter, memory_order_relaxed); }

rec_intake_counters rec_intake_count(const rec_intake *in) {
    return (rec_intake_counters){.callbacks = counted(&in->callbacks),
                                 .frames = counted(&in->frames),
                                 .overflows = counted(&in->overflows),
                                 .underflows = counted(&in->underflows),
                                 .gaps = counted(&in->gaps),
                                 .lost_frames = counted(&in->lost_frames)};
}

int rec_intake_is_finished(const rec_intake *in) { return atomic_load_explicit(&in->finished, memory_order_acquire); }

int rec_intake_callback(const void *input, void *output, unsigned long frames, const rec_pa_time *time,
                        unsigned long flags, void *intake) {
    (void)output;
    rec_intake *in = intake;
    rec_moment now;
    count(&in->callbacks, 1);
    count(&in->overflows, (flags & REC_PA_INPUT_OVERFLOW) != 0);
    count(&in->underflows, (flags & REC_PA_INPUT_UNDERFLOW) != 0);
    if (input == NULL || frames == 0)
        return REC_PA_CONTINUE;
    rec_moment_read(&now);
    int64_t adc_ns = time == NULL ? 0 : rec_moment_map(&now, time->current_s, time->input_adc_s);
    if (adc_ns == 0) /* a host API without stamps: the block has just been completed */
        adc_ns = now.boot_ns - (int64_t)((double)frames / in->rate_hz * 1e9);
    rec_intake_take(in, input, frames, flags, adc_ns, &now);
    count(&in->frames, frames);
    return REC_PA_CONTINUE;
}

void rec_intake_finished(void *intake) {
    rec_intake *in = intake;
    atomic_store_explicit(&in->finished, 1, memory_order_release);
}
