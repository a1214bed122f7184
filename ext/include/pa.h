/* What PortAudio hands to a stream's callback: its public ABI, stated here so that no header of it is needed. */
#ifndef REC_PA_H
#define REC_PA_H

typedef struct {
    double input_adc_s;  /* the block's first input frame was sampled */
    double current_s;    /* the callback was called */
    double output_dac_s; /* the block's first output frame will sound */
} rec_pa_time;           /* PaStreamCallbackTimeInfo; which clock it is depends on the host API */

enum { REC_PA_INPUT_UNDERFLOW = 1, REC_PA_INPUT_OVERFLOW = 2 }; /* PaStreamCallbackFlags */
enum { REC_PA_CONTINUE = 0, REC_PA_COMPLETE = 1, REC_PA_ABORT = 2 };                         /* PaStreamCallbackResult */

#endif
