/* The time of a device's frames, filtered: a delay-locked loop over the noisy times of its blocks.
 *
 *     rec_dll d;
 *     rec_dll_init(&d, 8000);
 *     rec_dll_start(&d, adc_ns);                                  // the first block, 160 frames
 *     rec_dll_advance(&d, 160);
 *     double late_s = rec_dll_error_s(&d, adc_ns);                // each further block: observed less predicted
 *     rec_dll_correct(&d, late_s);
 *     rec_dll_advance(&d, frames);
 *
 * Fons Adriaensen, "Using a DLL to filter time" (LAC 2005), with the start that the paper asks for: the bandwidth
 * begins wide and narrows as a least-squares line through all blocks so far would, down to REC_DLL_BANDWIDTH_HZ.
 * One thread; no clock is read here.
 */
#ifndef REC_DLL_H
#define REC_DLL_H

#include <stdint.h>

#define REC_DLL_BANDWIDTH_HZ 0.05
#define REC_DLL_SETTLED_S 5.0 /* until then the measured rate is noisier than the nominal one */

typedef struct {
    double believed_hz; /* nominal, or measured before the last start */
    int64_t origin_ns;  /* CLOCK_BOOTTIME of the start */
    double next_s;      /* first frame of the next block, since origin */
    double period_s;    /* per frame */
    double block_s;     /* length of the last block */
    double heard_s;     /* since the start */
} rec_dll;

void rec_dll_init(rec_dll *d, double nominal_hz);
/* Start anew with a block whose first frame was sampled at adc_ns. What was learned of the rate is kept. */
void rec_dll_start(rec_dll *d, int64_t adc_ns);
/* How much later than predicted the next block's first frame was sampled; negative: earlier. */
double rec_dll_error_s(const rec_dll *d, int64_t adc_ns);
/* Take in the error of the next block, before it is advanced over. */
void rec_dll_correct(rec_dll *d, double error_s);
void rec_dll_advance(rec_dll *d, uint64_t frames);
/* CLOCK_BOOTTIME of the next block's first frame. */
int64_t rec_dll_next_ns(const rec_dll *d);
/* Frames per second of CLOCK_BOOTTIME: measured once settled. */
double rec_dll_rate_hz(const rec_dll *d);

#endif
