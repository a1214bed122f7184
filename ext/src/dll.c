#include "dll.h"

#include "moment.h"

static const double PI = 3.14159265358979323846;
/* The loop starts as if it had seen this many blocks already, so that the first jittery ones don't throw it about. */
static const double HEAD_START_BLOCKS = 8.0;

static double larger(double a, double b) { return a > b ? a : b; }

void rec_dll_init(rec_dll *d, double nominal_hz) { *d = (rec_dll){.believed_hz = nominal_hz, .period_s = 1.0 / nominal_hz}; }

void rec_dll_start(rec_dll *d, int64_t adc_ns) {
    double rate = rec_dll_rate_hz(d);
    *d = (rec_dll){.believed_hz = rate, .origin_ns = adc_ns, .period_s = 1.0 / rate};
}

double rec_dll_error_s(const rec_dll *d, int64_t adc_ns) { return (double)(adc_ns - d->origin_ns) / 1e9 - d->next_s; }

void rec_dll_correct(rec_dll *d, double error_s) {
    double n = HEAD_START_BLOCKS + d->heard_s / d->block_s;
    double omega = 2.0 * PI * REC_DLL_BANDWIDTH_HZ * d->block_s;
    double phase_gain = larger(2.0 * (2.0 * n - 1.0) / (n * (n + 1.0)), 1.41421356 * omega);
    double rate_gain = larger(6.0 / (n * (n + 1.0)), omega * omega);
    d->next_s += phase_gain * error_s;
    d->period_s += rate_gain * error_s * d->period_s / d->block_s;
}

void rec_dll_advance(rec_dll *d, uint64_t frames) {
    d->block_s = (double)frames * d->period_s;
    d->next_s += d->block_s;
    d->heard_s += d->block_s;
}

int64_t rec_dll_next_ns(const rec_dll *d) { return d->origin_ns + (int64_t)(d->next_s * 1e9); }

double rec_dll_rate_hz(const rec_dll *d) { return d->heard_s < REC_DLL_SETTLED_S ? d->believed_hz : 1.0 / d->period_s; }
