/* Hear a raw s16le file at 8000 Hz with libspandsp's DTMF receiver, 20 ms at a time. bench/cost.py counts. */
#include <stdint.h>
#include <stdio.h>

void *dtmf_rx_init(void *state, void *callback, void *data);
int dtmf_rx(void *state, const int16_t amp[], int samples);

int main(int count, char **words) {
    static int16_t pcm[160];
    void *state = dtmf_rx_init(NULL, NULL, NULL);
    FILE *file = count == 2 ? fopen(words[1], "rb") : NULL;
    if (file == NULL || state == NULL)
        return 2;
    for (size_t samples; (samples = fread(pcm, sizeof *pcm, 160, file)) > 0;)
        dtmf_rx(state, pcm, (int)samples);
    return 0;
}
