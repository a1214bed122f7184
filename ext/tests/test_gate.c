/* The gate's thresholds and its worst case: a change wherever one can be. */
#include "check.h"
#include "gate.h"

#include <math.h>

int main(void) {
    CHECK(rec_gate_threshold(0) == 236 && rec_gate_threshold(44) == 128 && rec_gate_threshold(100) == 10);
    for (double s = 0.5; s <= 100; s += 0.5)
        CHECK(rec_gate_threshold(s) <= rec_gate_threshold(s - 0.5));
    CHECK(rec_gate_threshold(-0.001) == -1 && rec_gate_threshold(100.001) == -1 && rec_gate_threshold(NAN) == -1);

    rec_gate g;
    rec_gate_change changes[REC_GATE_CHANGES];
    uint8_t voice[REC_GATE_BLOCKS];
    CHECK(rec_gate_init(&g, -1) == -1 && rec_gate_init(&g, 44) == 0);
    CHECK(rec_gate_check(&g, sizeof g, 44) == 0 && rec_gate_check(&g, sizeof g, 45) == -1);
    CHECK(rec_gate_skip(&g, UINT64_C(1) << 40, changes) == 0);
    for (int i = 0; i < REC_GATE_BLOCKS; i++)
        voice[i] = i % 9 < 4 ? 255 : 0;
    uint32_t count = rec_gate_feed(&g, voice, REC_GATE_BLOCKS, changes);
    CHECK(count > 50 && count <= REC_GATE_CHANGES && changes[0].block == UINT64_C(1) << 40 && changes[0].speaking);
    for (uint32_t i = 1; i < count; i++)
        CHECK(changes[i].block > changes[i - 1].block && changes[i].speaking != changes[i - 1].speaking);
    return 0;
}
