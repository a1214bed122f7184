/* Written by ext/dtmf/fit/fit.py; change that, not this. */
#ifndef REC_DTMF_WEIGHTS_H
#define REC_DTMF_WEIGHTS_H

static const float BIAS = -15.65f;
static const float BELOW = -10.62f;
static const float UNLIKE = -1.41f;
static const float BEFORE = -1.30f;
static const float UNSTEADY[2] = {-0.44f, -0.77f};
static const float SWELL = -10.52f;
static const float LENGTH = 8.88f / 400.0f;
static const float TWIST[2] = {2.26f, -1.92f};
static const float DEVIATION[2] = {-1.28e4f, -0.98e4f};

#endif
