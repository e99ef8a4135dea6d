/* SPDX-License-Identifier: MIT */
/* Logs of samples: what is read of them, fast and with care. */
#include "tests/unit/logs.h"

#include <errno.h>

#include "latencies/digits.h"
#include "latencies/histogram-text.h"
#include "latencies/sample-line.h"

/* --- digits ------------------------------------------------------------------------------- */

static void eight_bytes_are_read_at_once(void **state)
{
	uint64_t number = 0;

	(void)state;
	assert_true(digits_number(digits_load("0xxxxxxx"), 1, &number));
	assert_int_equal(number, 0);
	assert_true(digits_number(digits_load("907xxxxx"), 3, &number));
	assert_int_equal(number, 907);
	assert_true(digits_number(digits_load("12345678"), 8, &number));
	assert_int_equal(number, 12345678);
	assert_true(digits_number(digits_load("99999999"), 8, &number));
	assert_int_equal(number, 99999999);
	assert_false(digits_number(digits_load("12345678"), 0, &number));
	assert_false(digits_number(digits_load("12345678"), 9, &number));
	assert_true(digits_column(digits_load("     120"), &number));
	assert_int_equal(number, 120);
	assert_true(digits_column(digits_load("00000120"), &number));
	assert_int_equal(number, 120);
	assert_false(digits_column(digits_load("        "), &number));
	assert_false(digits_column(digits_load("   1 120"), &number));
	assert_false(digits_column(digits_load("    120 "), &number));
	assert_true(digits_newlines(digits_load("\n\v1\n\x8a\n\n\t")) == 0x0080800080000080);
}

/* No byte but a digit passes for one, wherever it stands. */
static void nothing_else_is_a_digit(void **state)
{
	uint64_t number;

	(void)state;
	for (unsigned place = 0; place < 8; place++)
		for (unsigned byte = 0; byte < 256; byte++) {
			char text[8] = "11111111";
			bool digit = byte >= '0' && byte <= '9';
			text[place] = (char)byte;
			assert_int_equal(digits_number(digits_load(text), 8, &number), digit);
			assert_int_equal(digits_column(digits_load(text), &number),
				digit || (byte == ' ' && place == 0));
		}
}

/* --- the forms of lines ------------------------------------------------------------------- */

static enum sample_form form_of(const char *line, struct sample *ret)
{
	return sample_line(line, strlen(line), ret);
}

static void lines_have_one_of_two_forms(void **state)
{
	static const char *const none[] = {"", " \r", "# 1", "Max CPUs = 2", "Online CPUs = 2",
		"Thread 0 Interval: 1500", "T: 0 (24387) P: 0 I:1000 C:      5 Min:     74"};
	static const char *const wrong[] = {"x", "1x", "-1", "+1", "1.5", "1 2", "1:2",
		"1:2:", ":1", "1:2:3:4", "1:2:3 4", "1:2:-3", "1234567890123456789", "1,2", "0x1",
		"1e3"};
	struct sample sample;

	(void)state;
	assert_int_equal(form_of("       0:       1:      83", &sample), SAMPLE_CYCLES);
	assert_int_equal(sample.cycle, 1);
	assert_int_equal(sample.latency_us, 83);
	assert_int_equal(form_of("12:100000000:123456789 \r", &sample), SAMPLE_CYCLES);
	assert_int_equal(sample.thread, 12);
	assert_int_equal(sample.cycle, 100000000);
	assert_int_equal(sample.latency_us, 123456789);
	assert_int_equal(form_of(" 17\t\r", &sample), SAMPLE_PLAIN);
	assert_int_equal(sample.latency_us, 17);
	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++)
		assert_int_equal(form_of(none[i], &sample), SAMPLE_NONE);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		if (form_of(wrong[i], &sample) != SAMPLE_UNKNOWN)
			fail_msg("\"%s\" passes for a sample", wrong[i]);
}

static bool looks(const char *text)
{
	return samples_look(text, strlen(text));
}

static void logs_are_told_from_histograms(void **state)
{
	(void)state;
	assert_true(looks("Max CPUs = 2\n# x\n\n       0:       0:      83\nrubbish\n"));
	assert_true(looks("7\n8\n"));
	assert_false(looks(good));
	assert_false(looks("{\"thread\": 1}\n"));
	assert_false(
		looks("# RTLA timerlat histogram\n# Time unit is microseconds (us)\nIndex IRQ\n"));
	assert_false(looks("# nothing\n"));
	assert_false(looks("7"));
	assert_false(looks(""));
}

/* --- what is counted ---------------------------------------------------------------------- */

static void a_log_becomes_a_histogram(void **state)
{
	static const char log[] = "Max CPUs = 2\n"
				  "       0:       0:       1\n"
				  "       0:       1:       4\n"
				  "       1:       7:       5\n"
				  "       0:       2:       4\n"
				  "       1:       8:     905\n"
				  "       1:       9:      80\n"
				  "T: 0 (1) P: 0 I:1000 C:      3\n";
	struct samples *samples = read_log(*state, log, 5, 10);
	const struct histogram_thread *threads = samples->histogram->threads;

	assert_int_equal(samples->lines, 8);
	assert_int_equal(samples->histogram->thread_count, 2);
	assert_int_equal(samples->histogram->bins, 5);
	assert_int_equal(threads[0].counts[1], 1);
	assert_int_equal(threads[0].counts[4], 2);
	assert_int_equal(threads[0].total, 3);
	assert_int_equal(threads[0].overflows, 0);
	assert_int_equal(threads[0].min_us, 1);
	assert_int_equal(threads[0].avg_us, 3);
	assert_int_equal(threads[0].max_us, 4);
	assert_int_equal(threads[1].total, 0);
	assert_int_equal(threads[1].overflows, 3);
	assert_int_equal(threads[1].min_us, 5);
	assert_int_equal(threads[1].avg_us, 330);
	assert_int_equal(threads[1].max_us, 905);
}

/* The text of the histogram is one that cyclictest might have printed. */
static void its_text_is_read_back(void **state)
{
	struct scratch *s = *state;
	struct samples *samples = read_log(s, "1\n1\n0\n700\n", 4, 10);
	const char *text = histogram_text(s->ctx, samples->histogram);
	struct histogram *back;

	assert_int_equal(histogram_parse(s->ctx, text, strlen(text), &back, NULL), 0);
	assert_int_equal(back->bins, 4);
	assert_int_equal(back->threads->counts[1], 2);
	assert_int_equal(back->threads->total, 3);
	assert_int_equal(back->threads->overflows, 1);
	assert_int_equal(back->threads->min_us, 0);
	assert_int_equal(back->threads->avg_us, 175);
	assert_int_equal(back->threads->max_us, 700);
}

/* Numbers of every length, blanks, comments and long latencies, in both forms. */
static char *mixed_log(struct scratch *s, bool cycles)
{
	static const unsigned lengths[] = {1, 10, 100, 1000, 10000, 1000000, 100000000};
	char *text = talloc_strdup(s->ctx, "");
	uint64_t random = 1;

	for (unsigned i = 0; i < 3000; i++) {
		random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		unsigned rare = random >> 60 == 0 ? lengths[(random >> 40) % 7] : 1;
		unsigned long latency = (random >> 33) % 90 * rare;
		if (i % 500 == 7)
			text = talloc_strdup_append_buffer(text, "# so far\n\n");
		text = cycles ? talloc_asprintf_append_buffer(
					text, "%8u:%8u:%8lu\n", i % 2, 99999000 + i / 2, latency)
			      : talloc_asprintf_append_buffer(
					text, i % 97 ? "%lu\n" : " %lu \r\n", latency);
	}
	return text;
}

/* Line by line everything is read with care; in large pieces it is read fast. */
static void fast_and_careful_reading_agree(void **state)
{
	static const size_t pieces[] = {1, 7, 100, 5000, SIZE_MAX / 2};
	struct scratch *s = *state;
	char *first = NULL;

	for (unsigned form = 0; form < 2; form++) {
		char *log = mixed_log(s, form == 1);
		for (size_t i = 0; i < sizeof(pieces) / sizeof(*pieces); i++) {
			const struct samples *samples = read_pieces(s, log, 3000, 16, pieces[i]);
			json_t *json = slices_to_json(samples->slices);
			char *dump = json_dumps(json, 0);
			char *all = talloc_asprintf(s->ctx, "%lu %s %s", samples->lines, dump,
				histogram_text(s->ctx, samples->histogram));
			free(dump);
			json_decref(json);
			first = i == 0 ? all : first;
			assert_string_equal(all, first);
		}
	}
}

/* --- what is refused ---------------------------------------------------------------------- */

static void damaged_lines_are_named(void **state)
{
	static const struct {
		const char *log, *sentence;
	} damages[] = {
		{"7\n8x\n9\n",
			"a.log:2: \"8x\" is no sample; the lines before it are a latency in us"},
		{"# x\n\x01y\n", "a.log:2: \"?y\" is no sample; a line is a latency in us, or"},
		{"7\n       0:       1:      83\n",
			"a.log:2: \"       0:       1:      83\" is no sample"},
		{"0:0:1\n7\n",
			"a.log:2: \"7\" is no sample; the lines before it are THREAD: CYCLE"},
		{"0:0:1\n0:1:-7\n", "a.log:2: \"0:1:-7\" is no sample"},
		{"0:0:1\n0:2:7\n", "a.log:2: cycle 2 of thread 0 follows its cycle 0"},
		{"0:0:1\n0:0:7\n", "a.log:2: cycle 0 of thread 0 follows its cycle 0"},
		{"7\n8", "a.log:2: this line has no end"},
		{"7\n10000000000\n", "a.log:2: nothing wakes up 10000000000 us late"},
		{"0:0:1\n4096:0:1\n", "a.log:2: thread 4096 is one too many"},
		{"1:0:1\n", "a.log: thread 0 has no line, and thread 1 has some"},
		{"# x\n", "a.log: there is no sample in it"},
		{"", "a.log: there is no sample in it"},
	};

	for (size_t i = 0; i < sizeof(damages) / sizeof(*damages); i++) {
		struct samples *samples = NULL;
		struct err err = {""};
		assert_int_equal(
			read_in_pieces(*state, damages[i].log, 100, 10, 4096, &samples, &err),
			-EBADMSG);
		assert_null(samples);
		if (!strstr(err.text, damages[i].sentence))
			fail_msg("\"%s\" does not say \"%s\"", err.text, damages[i].sentence);
	}
}

/* In the middle of what is read fast, too. */
static void a_damaged_line_among_many_is_named(void **state)
{
	struct scratch *s = *state;
	char *log = talloc_strdup(s->ctx, "");
	struct samples *samples = NULL;
	struct err err = {""};

	for (unsigned i = 1; i <= 1000; i++)
		log = talloc_asprintf_append_buffer(log, i == 777 ? "1:\n" : "1%u\n", i % 10);
	assert_int_equal(read_in_pieces(s, log, 100, 64, 300, &samples, &err), -EBADMSG);
	assert_non_null(strstr(err.text, "a.log:777: \"1:\" is no sample"));
	log = talloc_strdup(s->ctx, "");
	for (unsigned i = 1; i <= 1000; i++)
		log = talloc_asprintf_append_buffer(
			log, "%8u:%8u:%8u\n", 0, i == 777 ? 7 : i, i % 10);
	assert_int_equal(read_in_pieces(s, log, 100, 64, 3000, &samples, &err), -EBADMSG);
	assert_non_null(strstr(err.text, "a.log:777: cycle 7 of thread 0 follows its cycle 776"));
}

static void a_file_is_read_in_pieces(void **state)
{
	struct scratch *s = *state;
	char *log = talloc_strdup(s->ctx, "");
	struct samples *samples = NULL;
	struct err err = {""};
	char sha256[DIGEST_HEX + 1];

	for (unsigned i = 0; i < 200000; i++)
		log = talloc_asprintf_append_buffer(log, "%u\n", i % 1234);
	scratch_file(s, "a.log", log);
	assert_int_equal(digest_bytes(log, strlen(log), sha256, NULL), 0);
	assert_int_equal(samples_read(s->ctx, s->fd, "a.log", 2000, 4000, &samples, &err), 0);
	assert_int_equal(samples->lines, 200000);
	assert_int_equal(samples->histogram->threads->total, 200000);
	assert_int_equal(samples->histogram->threads->counts[1233], 162);
	assert_string_equal(samples->sha256, sha256);
	assert_int_equal(samples_read(s->ctx, s->fd, "b.log", 2000, 4000, &samples, &err), -ENOENT);
	/* A line that is longer than any piece. */
	memset(log, '1', strlen(log));
	scratch_file(s, "a.log", log);
	assert_int_equal(
		samples_read(s->ctx, s->fd, "a.log", 2000, 4000, &samples, &err), -EBADMSG);
	assert_string_equal(
		err.text, "a.log:1: this line has no end: the log is cut short; take the line out");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(eight_bytes_are_read_at_once),
		cmocka_unit_test(nothing_else_is_a_digit),
		cmocka_unit_test(lines_have_one_of_two_forms),
		cmocka_unit_test(logs_are_told_from_histograms),
		scratch_test(a_log_becomes_a_histogram),
		scratch_test(its_text_is_read_back),
		scratch_test(fast_and_careful_reading_agree),
		scratch_test(damaged_lines_are_named),
		scratch_test(a_damaged_line_among_many_is_named),
		scratch_test(a_file_is_read_in_pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
