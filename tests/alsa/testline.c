/* An ALSA device made of files, for tests: a line that plays a file, or a speaker that keeps what it is given.
 *
 *     pcm_type.testline { lib "/build/testline.so" }
 *     pcm.front {
 *         type testline
 *         control "/tmp/x/front.control"  # struct testline_control
 *         source "/tmp/x/front.raw"       # capture: s16, interleaved; silence follows the end
 *         # sink "/tmp/x/front.raw"       # playback instead
 *         # loop "/tmp/x/front.control"   # with it: the sink is that line's source, and it hears it LOOP_MS later
 *         rate 8000
 *         channels 2
 *         speed 8                         # times faster than real time; 1 when left out
 *     }
 *
 * It is as hard as hardware: one opener at a time; its DMA moves by the clock, whether or not anybody looks, through a
 * buffer of the size agreed on; a reader or writer who comes too late has lost what went by.
 */
#include "testline.h"

#include <alsa/asoundlib.h>
#include <alsa/pcm_external.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { SAMPLE_BYTES = 2, NS_PER_S = 1000000000, LEAST_TICK_NS = 500000, LOOP_MS = 500 };

struct device {
    snd_pcm_ioplug_t io;
    struct testline_control *control;
    const struct testline_control *loop; /* of the line that hears us; NULL: none does */
    int control_fd, file_fd, timer_fd;
    long rate, channels, speed;
    bool running, halted;
    int64_t since_ns; /* when the DMA last began to move .. */
    uint64_t from;    /* .. and at which of its frames */
    uint64_t dma;     /* frames moved: what ALSA calls hw_ptr */
    uint64_t first;   /* the file's frame that is the DMA's frame 0 */
    uint64_t minimum; /* avail_min: the frames that a poller waits for */
};

static struct device *of(snd_pcm_ioplug_t *io) {
    return io->private_data;
}

static bool captures(const struct device *d) {
    return d->io.stream == SND_PCM_STREAM_CAPTURE;
}

static size_t frame_bytes(const struct device *d) {
    return SAMPLE_BYTES * (size_t)d->channels;
}

static int64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_BOOTTIME, &t);
    return (int64_t)t.tv_sec * NS_PER_S + t.tv_nsec;
}

static uint64_t frames_in(const struct device *d, int64_t ns) {
    return (uint64_t)ns * (uint64_t)(d->rate * d->speed) / NS_PER_S;
}

/* The DMA begins to move: a line is wherever the clock says, a speaker where it was. A line's converter never stops, so
 * its frames keep falling on the same ticks, of which the last one counts as the first to be moved. A looped speaker is
 * ahead of its line, so that what it plays stands there when the line comes by. */
static void begin(struct device *d) {
    struct testline_control *c = d->control;
    d->since_ns = now_ns();
    if (!c->epoch_ns)
        c->epoch_ns = d->since_ns;
    uint64_t at = captures(d) ? frames_in(d, d->since_ns - c->epoch_ns) : c->given;
    if (d->loop && d->loop->epoch_ns)
        at = frames_in(d, d->since_ns - d->loop->epoch_ns) + (uint64_t)(d->rate * LOOP_MS / 1000);
    if (captures(d))
        d->since_ns = c->epoch_ns + (int64_t)(at * NS_PER_S / (uint64_t)(d->rate * d->speed));
    d->from = d->dma;
    d->first = at - d->dma;
    c->breaks[c->starts % TESTLINE_BREAKS] = (struct testline_break){c->given, at, d->since_ns};
    c->starts++;
}

/* Move the DMA's frames up to `to` between the ring buffer and the file. */
static void transfer(struct device *d, uint64_t to) {
    char *ring = snd_pcm_ioplug_mmap_areas(&d->io)[0].addr;
    while (d->dma < to) {
        uint64_t offset = d->dma % d->io.buffer_size;
        uint64_t frames = d->io.buffer_size - offset < to - d->dma ? d->io.buffer_size - offset : to - d->dma;
        char *at = ring + offset * frame_bytes(d);
        size_t bytes = frames * frame_bytes(d);
        off_t place = (off_t)((d->first + d->dma) * frame_bytes(d));
        ssize_t done = captures(d) ? pread(d->file_fd, at, bytes, place) : pwrite(d->file_fd, at, bytes, place);
        if (captures(d))
            memset(at + (done > 0 ? done : 0), 0, bytes - (size_t)(done > 0 ? done : 0));
        else if (done != (ssize_t)bytes)
            SNDERR("testline: the sink takes no more: %s", strerror(errno));
        d->dma += frames;
    }
}

/* Let the DMA catch up with the clock. 0, -ENODEV, or -EPIPE: the other side came too late. */
static int advance(struct device *d) {
    struct testline_control *c = d->control;
    if (c->fault == TESTLINE_UNPLUGGED)
        return -ENODEV;
    if (!d->running)
        return 0;
    c->given = d->first + (captures(d) ? d->io.appl_ptr : d->dma);
    if (c->fault != TESTLINE_WELL) {
        d->halted = true;
        return 0;
    }
    if (d->halted) {
        d->halted = false;
        c->given = d->first + d->dma;
        begin(d);
    }
    uint64_t to = d->from + frames_in(d, now_ns() - d->since_ns);
    uint64_t limit = d->io.appl_ptr + (captures(d) ? d->io.buffer_size : 0);
    if (to > limit && d->io.state != SND_PCM_STATE_DRAINING) {
        d->running = false;
        c->overruns++;
        return -EPIPE;
    }
    transfer(d, to < limit ? to : limit);
    return 0;
}

static snd_pcm_sframes_t line_pointer(snd_pcm_ioplug_t *io) {
    int err = advance(of(io));
    return err < 0 ? err : (snd_pcm_sframes_t)of(io)->dma;
}

static int line_prepare(snd_pcm_ioplug_t *io) {
    struct device *d = of(io);
    d->running = d->halted = false;
    d->dma = 0;
    return d->control->fault == TESTLINE_UNPLUGGED ? -ENODEV : 0;
}

static void tick(struct device *d, bool on) {
    long ns = on ? (long)(d->io.period_size * NS_PER_S / (unsigned long)(d->rate * d->speed)) : 0;
    if (on && ns < LEAST_TICK_NS)
        ns = LEAST_TICK_NS;
    struct timespec every = {.tv_sec = ns / NS_PER_S, .tv_nsec = ns % NS_PER_S};
    timerfd_settime(d->timer_fd, 0, &(struct itimerspec){.it_interval = every, .it_value = every}, NULL);
}

static int line_start(snd_pcm_ioplug_t *io) {
    struct device *d = of(io);
    if (d->control->fault == TESTLINE_UNPLUGGED)
        return -ENODEV;
    begin(d);
    d->running = true;
    tick(d, true);
    return 0;
}

static int line_stop(snd_pcm_ioplug_t *io) {
    advance(of(io));
    of(io)->running = false;
    tick(of(io), false);
    return 0;
}

static int line_sw_params(snd_pcm_ioplug_t *io, snd_pcm_sw_params_t *params) {
    snd_pcm_uframes_t frames;
    int err = snd_pcm_sw_params_get_avail_min(params, &frames);
    of(io)->minimum = frames;
    return err;
}

static int line_poll_revents(snd_pcm_ioplug_t *io, struct pollfd *fds, unsigned int count, unsigned short *revents) {
    struct device *d = of(io);
    (void)fds, (void)count;
    int err = advance(d);
    *revents = 0;
    if (err == -ENODEV || d->control->fault == TESTLINE_BROKEN) {
        *revents = POLLERR | POLLNVAL;
        return err == -ENODEV ? err : 0;
    }
    short ready = captures(d) ? POLLIN : POLLOUT;
    uint64_t waiting = captures(d) ? d->dma - io->appl_ptr : io->buffer_size - (io->appl_ptr - d->dma);
    if (err == -EPIPE)
        snd_pcm_ioplug_set_state(io, SND_PCM_STATE_XRUN);
    if (io->state == SND_PCM_STATE_XRUN) {
        *revents = (unsigned short)(ready | POLLERR);
    } else if (waiting >= d->minimum) {
        *revents = (unsigned short)ready;
    } else {
        uint64_t expired;
        ssize_t ignored = read(d->timer_fd, &expired, sizeof expired); /* poll() sleeps again till the next tick */
        (void)ignored;
    }
    return 0;
}

static int line_close(snd_pcm_ioplug_t *io) {
    struct device *d = of(io);
    if (d->control)
        munmap(d->control, sizeof *d->control);
    if (d->loop)
        munmap((void *)d->loop, sizeof *d->loop);
    close(d->timer_fd);
    close(d->file_fd);
    close(d->control_fd);
    free(d);
    return 0;
}

static const snd_pcm_ioplug_callback_t callbacks = {
    .start = line_start,
    .stop = line_stop,
    .pointer = line_pointer,
    .prepare = line_prepare,
    .sw_params = line_sw_params,
    .poll_revents = line_poll_revents,
    .close = line_close,
};

/* Open the files. 0 or a negative errno: EBUSY while another holds the device, ENODEV while it is unplugged. */
static int attach(struct device *d, const char *control, const char *file, int flags) {
    d->control_fd = open(control, O_RDWR | O_CLOEXEC);
    d->file_fd = open(file, flags | O_CLOEXEC, 0600);
    d->timer_fd = timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC);
    if (d->control_fd < 0 || d->file_fd < 0 || d->timer_fd < 0)
        return -errno;
    if (flock(d->control_fd, LOCK_EX | LOCK_NB) < 0)
        return -EBUSY;
    void *at = mmap(NULL, sizeof *d->control, PROT_READ | PROT_WRITE, MAP_SHARED, d->control_fd, 0);
    if (at == MAP_FAILED)
        return -errno;
    d->control = at;
    return d->control->fault == TESTLINE_UNPLUGGED ? -ENODEV : 0;
}

/* 0 or a negative errno. */
static int attach_loop(struct device *d, const char *control) {
    int fd = open(control, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    void *at = mmap(NULL, sizeof *d->loop, PROT_READ, MAP_SHARED, fd, 0);
    close(fd);
    if (at == MAP_FAILED)
        return -errno;
    d->loop = at;
    return 0;
}

/* Tell ALSA what the hardware can do: s16, this rate and number of channels, periods of 16 frames to a second. */
static int constrain(struct device *d) {
    static const unsigned int access[] = {SND_PCM_ACCESS_MMAP_INTERLEAVED, SND_PCM_ACCESS_RW_INTERLEAVED};
    static const unsigned int formats[] = {SND_PCM_FORMAT_S16};
    unsigned int bytes = (unsigned int)frame_bytes(d);
    unsigned int rate = (unsigned int)d->rate, channels = (unsigned int)d->channels;
    int err = snd_pcm_ioplug_set_param_list(&d->io, SND_PCM_IOPLUG_HW_ACCESS, 2, access);
    err |= snd_pcm_ioplug_set_param_list(&d->io, SND_PCM_IOPLUG_HW_FORMAT, 1, formats);
    err |= snd_pcm_ioplug_set_param_minmax(&d->io, SND_PCM_IOPLUG_HW_CHANNELS, channels, channels);
    err |= snd_pcm_ioplug_set_param_minmax(&d->io, SND_PCM_IOPLUG_HW_RATE, rate, rate);
    err |= snd_pcm_ioplug_set_param_minmax(&d->io, SND_PCM_IOPLUG_HW_PERIOD_BYTES, bytes * 16, bytes * rate);
    err |= snd_pcm_ioplug_set_param_minmax(&d->io, SND_PCM_IOPLUG_HW_BUFFER_BYTES, bytes * 64, bytes * rate * 4);
    err |= snd_pcm_ioplug_set_param_minmax(&d->io, SND_PCM_IOPLUG_HW_PERIODS, 2, 1024);
    return err < 0 ? -EINVAL : 0;
}

struct settings {
    const char *control, *source, *sink, *loop;
    long rate, channels, speed;
};

/* 0, or a negative errno for a field that is unknown or of the wrong type. */
static int read_field(struct settings *s, snd_config_t *field, const char *id) {
    if (!strcmp(id, "control"))
        return snd_config_get_string(field, &s->control);
    if (!strcmp(id, "source"))
        return snd_config_get_string(field, &s->source);
    if (!strcmp(id, "sink"))
        return snd_config_get_string(field, &s->sink);
    if (!strcmp(id, "loop"))
        return snd_config_get_string(field, &s->loop);
    if (!strcmp(id, "rate"))
        return snd_config_get_integer(field, &s->rate);
    if (!strcmp(id, "channels"))
        return snd_config_get_integer(field, &s->channels);
    if (!strcmp(id, "speed"))
        return snd_config_get_integer(field, &s->speed);
    return strcmp(id, "type") && strcmp(id, "comment") && strcmp(id, "hint") ? -EINVAL : 0;
}

/* 0, -ENODEV for a device without this direction, or as attach() and ALSA answer. */
static int create(const struct settings *s, const char *name, snd_pcm_stream_t stream, int mode, snd_pcm_t **pcm) {
    const char *file = stream == SND_PCM_STREAM_CAPTURE ? s->source : s->sink;
    if (!s->control || !file)
        return -ENODEV;
    struct device *d = calloc(1, sizeof *d);
    if (!d)
        return -ENOMEM;
    d->rate = s->rate, d->channels = s->channels, d->speed = s->speed;
    int err = attach(d, s->control, file, stream == SND_PCM_STREAM_CAPTURE ? O_RDONLY : O_WRONLY | O_CREAT);
    if (!err && s->loop)
        err = attach_loop(d, s->loop);
    d->io.version = SND_PCM_IOPLUG_VERSION;
    d->io.name = "a line made of files";
    d->io.flags = SND_PCM_IOPLUG_FLAG_BOUNDARY_WA; /* line_pointer() counts on; the boundary is ages away */
    d->io.callback = &callbacks;
    d->io.private_data = d;
    d->io.mmap_rw = 1;
    d->io.poll_fd = d->timer_fd;
    d->io.poll_events = POLLIN; /* the timer's, whatever the direction: line_poll_revents() translates */
    if (!err)
        err = snd_pcm_ioplug_create(&d->io, name, stream, mode);
    if (err < 0) {
        line_close(&d->io);
        return err;
    }
    err = constrain(d);
    if (err < 0)
        snd_pcm_ioplug_delete(&d->io);
    else
        *pcm = d->io.pcm;
    return err;
}

SND_PCM_PLUGIN_DEFINE_FUNC(testline) {
    struct settings settings = {.rate = 8000, .channels = 1, .speed = 1};
    snd_config_iterator_t i, next;
    (void)root;
    snd_config_for_each (i, next, conf) {
        snd_config_t *field = snd_config_iterator_entry(i);
        const char *id = "?";
        int err = snd_config_get_id(field, &id);
        if (!err)
            err = read_field(&settings, field, id);
        if (err < 0) {
            SNDERR("testline: the field %s is unknown or of the wrong type", id);
            return err;
        }
    }
    return create(&settings, name, stream, mode, pcmp);
}

SND_PCM_PLUGIN_SYMBOL(testline);
