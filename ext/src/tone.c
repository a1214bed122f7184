#include "tone.h"

static const double PI = 3.14159265358979323846;

/* sin(2 pi turns) for turns in 0..1: folded to a quarter, then Taylor's series to x^13, off by less than 1e-9. */
static double sine(double turns) {
    double x = turns < 0.5 ? turns : turns - 1.0; /* -0.5 .. 0.5 */
    x = x > 0.25 ? 0.5 - x : x < -0.25 ? -0.5 - x : x;
    x *= 2.0 * PI;
    double s = x * x;
    return x * (1.0 - s / 6.0 * (1.0 - s / 20.0 * (1.0 - s / 42.0 * (1.0 - s / 72.0 * (1.0 - s / 110.0 * (1.0 - s / 156.0))))));
}

/* Raised cosine, from 0 to 1 as `part` goes from 0 to 1: (1 - cos(pi part)) / 2 = sin(pi part / 2) squared. */
static double edge(double part) {
    double s = part < 1.0 ? sine(part / 4.0) : 1.0;
    return s * s;
}

void rec_tone(int16_t *pcm, uint64_t frames, uint32_t rate_hz, double hz, double peak) {
    double step = hz / rate_hz, turns = 0.0, edge_frames = REC_TONE_EDGE_S * rate_hz;
    for (uint64_t i = 0; i < frames; i++) {
        double gain = edge((double)i / edge_frames) * edge((double)(frames - 1 - i) / edge_frames);
        double value = peak * gain * sine(turns);
        pcm[i] = (int16_t)(value < 0.0 ? value - 0.5 : value + 0.5);
        turns += step;
        turns = turns >= 1.0 ? turns - 1.0 : turns;
    }
}
