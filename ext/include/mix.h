/* From a line's frames to a file's frames: one party, or both in mono or stereo.
 *
 *     uint32_t channels = rec_mix_channels(2, REC_MIX_BOTH, 1);          // 2
 *     rec_mix(pcm, 160, 2, REC_MIX_BOTH, 1, out);                         // speak left, listen right
 *
 * A line has one channel (speak) or two (speak, listen). A line of one gives its speak channel, whatever is asked.
 * Stereo takes both parties; a single party is always mono. Mono `both` is the saturating sum.
 */
#ifndef REC_MIX_H
#define REC_MIX_H

#include <stdint.h>

enum rec_mix_direction { REC_MIX_SPEAK, REC_MIX_LISTEN, REC_MIX_BOTH };

/* Channels of the file: 1 or 2. */
uint32_t rec_mix_channels(uint32_t channels, enum rec_mix_direction direction, int stereo);
/* Mix interleaved frames of `channels` (1 or 2) into `out`, which holds frames x rec_mix_channels samples and may be
 * `pcm` itself. */
void rec_mix(const int16_t *pcm, uint64_t frames, uint32_t channels, enum rec_mix_direction direction, int stereo,
             int16_t *out);

#endif
