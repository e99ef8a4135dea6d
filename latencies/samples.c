/* SPDX-License-Identifier: MIT */
#include "latencies/samples.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "latencies/digits.h"
#include "latencies/sample-line.h"

#define THREADS_LIMIT 4096u             /* as many as a histogram may have */
#define CELLS_LIMIT ((uint64_t)1 << 24) /* bins of all threads */
#define EXCERPT 40                      /* characters of a damaged line that are shown */

struct thread {
	struct histogram_thread *histogram; /* total is counted at the end */
	uint64_t wakeups;                   /* so far */
	uint64_t next;                      /* the cycle that has to follow */
	unsigned slice;
	uint64_t left; /* wake-ups until the next slice */
	int64_t least_over_us;
};

struct samples_reader {
	const char *name;
	unsigned bins;
	uint64_t short_us; /* latencies below are in the histogram, and exact in the slices */
	uint64_t wakeups;  /* in a slice */
	uint64_t line;     /* the number of lines so far */
	enum sample_form form;
	struct histogram *histogram;
	struct thread *threads;
	struct slices_counter *slices;
};

struct samples_reader *samples_begin(void *ctx, const char *name, unsigned bins, uint64_t wakeups)
{
	struct samples_reader *reader = talloc_zero(ctx, struct samples_reader);

	reader->name = name;
	reader->bins = bins;
	reader->short_us = bins < SLICES_EXACT ? bins : SLICES_EXACT;
	reader->wakeups = wakeups;
	reader->histogram = talloc_zero(reader, struct histogram);
	reader->histogram->bins = bins;
	reader->slices = slices_count(reader, wakeups);
	return reader;
}

/* --- what is wrong ------------------------------------------------------------------------- */

static int damaged(const struct samples_reader *reader, struct err *err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static int damaged(const struct samples_reader *reader, struct err *err, const char *format, ...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return err_set(err, -EBADMSG, "%s:%lu: %s", reader->name, reader->line, text);
}

static int no_sample(
	const struct samples_reader *reader, const char *line, size_t size, struct err *err)
{
	static const char *const right[] = {
		[SAMPLE_UNKNOWN] = "a line is a latency in us, or THREAD: CYCLE: LATENCY",
		[SAMPLE_CYCLES] = "the lines before it are THREAD: CYCLE: LATENCY",
		[SAMPLE_PLAIN] = "the lines before it are a latency in us each",
	};
	char shown[EXCERPT + 1];
	size_t length = size < EXCERPT ? size : EXCERPT;

	for (size_t i = 0; i < length; i++)
		shown[i] = isprint((unsigned char)line[i]) ? line[i] : '?';
	shown[length] = '\0';
	return damaged(reader, err, "\"%s%s\" is no sample; %s", shown, size > EXCERPT ? "..." : "",
		right[reader->form]);
}

/* --- a thread ------------------------------------------------------------------------------ */

static int add_threads(struct samples_reader *reader, uint64_t number, struct err *err)
{
	struct histogram *histogram = reader->histogram;
	uint64_t room = CELLS_LIMIT / reader->bins;
	uint64_t limit = room < THREADS_LIMIT ? room : THREADS_LIMIT;

	if (number >= limit)
		return damaged(reader, err,
			"thread %lu is one too many: a histogram of %u us has room for %lu threads",
			number, reader->bins, limit);
	unsigned count = (unsigned)number + 1;
	histogram->threads =
		talloc_realloc(histogram, histogram->threads, struct histogram_thread, count);
	reader->threads = talloc_realloc(reader, reader->threads, struct thread, count);
	for (unsigned t = histogram->thread_count; t < count; t++) {
		histogram->threads[t] = (struct histogram_thread){
			.counts = talloc_zero_array(histogram, uint64_t, reader->bins)};
		reader->threads[t] = (struct thread){0};
	}
	histogram->thread_count = count;
	for (unsigned t = 0; t < count; t++)
		reader->threads[t].histogram = &histogram->threads[t];
	return 0;
}

static void count_overflow(struct thread *thread, int64_t latency_us)
{
	struct histogram_thread *histogram = thread->histogram;

	if (histogram->overflows == 0 || latency_us < thread->least_over_us)
		thread->least_over_us = latency_us;
	if (latency_us > histogram->max_us)
		histogram->max_us = latency_us;
	histogram->overflows++;
	histogram->sum_us += (uint64_t)latency_us;
}

static void enter_slice(struct samples_reader *reader, struct thread *thread)
{
	thread->slice = slices_number(reader->slices, thread->wakeups);
	thread->left = reader->wakeups;
}

static void count(struct samples_reader *reader, struct thread *thread, uint64_t latency_us)
{
	if (thread->left == 0)
		enter_slice(reader, thread);
	if (latency_us < reader->bins)
		thread->histogram->counts[latency_us]++;
	else
		count_overflow(thread, (int64_t)latency_us);
	slices_add(reader->slices, thread->slice, latency_us);
	thread->wakeups++;
	thread->next++;
	thread->left--;
}

/* --- a line, with care ---------------------------------------------------------------------- */

static int take_sample(struct samples_reader *reader, const struct sample *sample, struct err *err)
{
	int r = 0;

	if (sample->latency_us >= SLICES_LATENCY_LIMIT)
		return damaged(reader, err,
			"nothing wakes up %lu us late; latencies are in us, below %lu",
			sample->latency_us, SLICES_LATENCY_LIMIT);
	if (sample->thread >= reader->histogram->thread_count)
		r = add_threads(reader, sample->thread, err);
	if (r < 0)
		return r;
	struct thread *thread = &reader->threads[sample->thread];
	if (reader->form == SAMPLE_CYCLES) {
		if (thread->wakeups > 0 && sample->cycle != thread->next)
			return damaged(reader, err,
				"cycle %lu of thread %lu follows its cycle %lu: lines are missing or "
				"stand twice; each cycle has to have one (cyclictest -v without -o)",
				sample->cycle, sample->thread, thread->next - 1);
		thread->next = sample->cycle;
	}
	count(reader, thread, sample->latency_us);
	return 0;
}

static int take_line(struct samples_reader *reader, const char *line, size_t size, struct err *err)
{
	struct sample sample;
	enum sample_form form = sample_line(line, size, &sample);

	reader->line++;
	if (form == SAMPLE_NONE)
		return 0;
	if (form == SAMPLE_UNKNOWN || (reader->form != SAMPLE_UNKNOWN && reader->form != form))
		return no_sample(reader, line, size, err);
	reader->form = form;
	return take_sample(reader, &sample, err);
}

/* --- lines, fast ---------------------------------------------------------------------------- */

/* Counted aside, so that the compiler can hold it in registers. */
struct fast {
	uint64_t *counts, *slice;
	uint64_t lines;
};

static struct fast fast_begin(struct samples_reader *reader, const struct thread *thread)
{
	return (struct fast){
		thread->histogram->counts, slices_counts(reader->slices, thread->slice), 0};
}

static void fast_end(struct samples_reader *reader, struct thread *thread, const struct fast *fast)
{
	thread->wakeups += fast->lines;
	thread->next += fast->lines;
	thread->left -= fast->lines;
	reader->line += fast->lines;
}

/* Counts those lines that end within the eight bytes at `word`, the first of which begins at `at`;
 * returns where the next one begins. Stops at one that is no number below `below`. */
static inline const char *count_word(
	struct fast *fast, const char *at, const char *word, uint64_t below, bool *ret_fine)
{
	uint64_t latency;

	for (uint64_t ends = digits_newlines(digits_load(word)); ends != 0; ends &= ends - 1) {
		const char *newline = word + __builtin_ctzll(ends) / 8;
		if (!digits_number(digits_load(at), (uint64_t)(newline - at), &latency) ||
			latency >= below) {
			*ret_fine = false;
			return at;
		}
		fast->counts[latency]++;
		fast->slice[latency]++;
		fast->lines++;
		at = newline + 1;
	}
	return at;
}

/* Lines of nothing but a short number, as many as follow each other in one slice. Where a line
 * begins is known from the ends of lines in eight bytes at once: the next line does not have to
 * wait until this one is read. */
static const char *run_plain(struct samples_reader *reader, const char *at, const char *end)
{
	struct thread *thread = reader->threads;
	struct fast fast = fast_begin(reader, thread);
	uint64_t most = thread->left, below = reader->short_us;
	bool fine = true;

	for (const char *word = at; fine && end - word >= 16 && fast.lines + 8 <= most; word += 8)
		at = count_word(&fast, at, word, below, &fine);
	fast_end(reader, thread, &fast);
	return at;
}

/* cyclictest prints "%8d:%8lu:%8ld\n". */
#define COLUMN 9
#define COLUMNS ((ptrdiff_t)3 * COLUMN)

static bool is_in_columns(const char *at)
{
	return at[COLUMN - 1] == ':' && at[2 * COLUMN - 1] == ':' && at[3 * COLUMN - 1] == '\n';
}

/* Lines of one thread, likewise. */
static const char *run_columns(struct samples_reader *reader, const char *at, const char *end)
{
	uint64_t number, cycle, latency, below = reader->short_us;

	if (end - at < COLUMNS || !digits_column(digits_load(at), &number) ||
		number >= reader->histogram->thread_count || reader->threads[number].wakeups == 0)
		return at;
	struct thread *thread = &reader->threads[number];
	struct fast fast = fast_begin(reader, thread);
	uint64_t same = digits_load(at), next = thread->next, most = thread->left;
	while (fast.lines < most && end - at >= COLUMNS && digits_load(at) == same &&
		is_in_columns(at) && digits_column(digits_load(at + COLUMN), &cycle) &&
		cycle == next + fast.lines &&
		digits_column(digits_load(at + (ptrdiff_t)2 * COLUMN), &latency) &&
		latency < below) {
		fast.counts[latency]++;
		fast.slice[latency]++;
		fast.lines++;
		at += COLUMNS;
	}
	fast_end(reader, thread, &fast);
	return at;
}

static const char *run(struct samples_reader *reader, const char *at, const char *end)
{
	if (reader->form == SAMPLE_PLAIN)
		return run_plain(reader, at, end);
	return reader->form == SAMPLE_CYCLES ? run_columns(reader, at, end) : at;
}

/* --- the log -------------------------------------------------------------------------------- */

int samples_feed(struct samples_reader *reader, const char *bytes, size_t size, size_t *ret_used,
	struct err *err)
{
	const char *at = bytes, *end = bytes + size, *newline;
	int r = 0;

	while (r == 0) {
		at = run(reader, at, end);
		newline = memchr(at, '\n', (size_t)(end - at));
		if (!newline)
			break;
		r = take_line(reader, at, (size_t)(newline - at), err);
		at = newline + 1;
	}
	*ret_used = (size_t)(at - bytes);
	return r;
}

bool samples_look(const char *bytes, size_t size)
{
	const char *at = bytes, *newline;
	struct sample sample;
	enum sample_form form = SAMPLE_NONE;

	while (form == SAMPLE_NONE &&
		(newline = memchr(at, '\n', size - (size_t)(at - bytes))) != NULL) {
		form = sample_line(at, (size_t)(newline - at), &sample);
		at = newline + 1;
	}
	return form == SAMPLE_CYCLES || form == SAMPLE_PLAIN;
}

/* What the bins tell is counted once, at the end. */
static void sum_up(struct thread *thread, unsigned bins)
{
	struct histogram_thread *histogram = thread->histogram;
	int64_t least = thread->least_over_us;

	for (unsigned bin = bins; bin-- > 0;) {
		uint64_t count = histogram->counts[bin];
		if (count == 0)
			continue;
		least = bin;
		if (histogram->max_us < (int64_t)bin)
			histogram->max_us = bin;
		histogram->total += count;
		histogram->sum_us += count * bin;
	}
	histogram->min_us = least;
	histogram->avg_us = (int64_t)(histogram->sum_us / thread->wakeups);
}

int samples_end(void *ctx, struct samples_reader *reader, size_t rest, struct samples **ret,
	struct err *err)
{
	struct histogram *histogram = reader->histogram;

	if (rest > 0) {
		reader->line++;
		return damaged(reader, err,
			"this line has no end: the log is cut short; take the line out");
	}
	if (histogram->thread_count == 0)
		return err_set(err, -EBADMSG, "%s: there is no sample in it", reader->name);
	for (unsigned t = 0; t < histogram->thread_count; t++) {
		if (reader->threads[t].wakeups == 0)
			return err_set(err, -EBADMSG,
				"%s: thread %u has no line, and thread %u has some", reader->name,
				t, histogram->thread_count - 1);
		sum_up(&reader->threads[t], reader->bins);
	}
	struct samples *samples = talloc_zero(ctx, struct samples);
	samples->histogram = talloc_steal(samples, histogram);
	samples->slices = slices_end(samples, reader->slices);
	samples->lines = reader->line;
	*ret = samples;
	return 0;
}
