/* Sums of products, by every way that this CPU has: as plain arithmetic gives them, up to the largest numbers. */
#include "check.h"
#include "../src/whole.h"

enum { COLUMNS = 48, ROWS = 64 };

static uint32_t next(uint32_t *seed) {
    return *seed = *seed * 1664525u + 1013904223u;
}

static int32_t expected(const int16_t *weight, const int16_t *column, int row) {
    const int16_t *of_row = weight + row / 16 * 16 * COLUMNS + row % 16 * 2;
    int64_t sum = 1000 * row;
    for (int k = 0; k < COLUMNS; k++)
        sum += (int64_t)column[k] * of_row[k / 2 * 32 + k % 2];
    return (int32_t)sum;
}

static void check(const int16_t *weight, const int16_t *column, int sixteens, int wide) {
    rec_whole pair[COLUMNS / 2], sum[ROWS / 4];
    rec_whole_spread(column, COLUMNS, pair);
    for (int row = 0; row < ROWS; row++)
        sum[row / 4][row % 4] = 1000 * row;
    (wide ? rec_whole_rows_wide : rec_whole_rows)(weight, pair, COLUMNS, sixteens, sum);
    for (int row = 0; row < ROWS; row++)
        CHECK(sum[row / 4][row % 4] == (row < 16 * sixteens ? expected(weight, column, row) : 1000 * row));
}

int main(void) {
    static _Alignas(16) int16_t weight[ROWS * COLUMNS];
    int16_t column[COLUMNS];
    uint32_t seed = 1;
    for (int round = 0; round < 1000; round++) {
        int most = round < 100 ? 32767 / (1 + round) : 600; /* with the largest of both no sum is beyond 2^31 */
        for (int i = 0; i < ROWS * COLUMNS; i++)
            weight[i] = (int16_t)((int)(next(&seed) >> 16) % (2 * most + 1) - most);
        for (int k = 0; k < COLUMNS; k++) {
            int other = (int)(INT32_MAX / COLUMNS / most < 32767 ? INT32_MAX / COLUMNS / most : 32767);
            column[k] = (int16_t)((int)(next(&seed) >> 16) % (2 * other) - other);
        }
        for (int sixteens = 1; sixteens <= ROWS / 16; sixteens++) {
            check(weight, column, sixteens, 0);
            if (rec_is_wide())
                check(weight, column, sixteens, 1);
        }
    }
    return 0;
}
