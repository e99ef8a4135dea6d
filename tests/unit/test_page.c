/* SPDX-License-Identifier: MIT */
#include "tests/unit/plans.h"
#include "tests/unit/results.h"

#include <errno.h>

#include "report/markup.h"
#include "report/report.h"
#include "report/svg.h"

/* --- markup ------------------------------------------------------------------------------- */

static void markup_escapes_and_replaces(void **state)
{
	struct scratch *s = *state;
	struct markup *markup = markup_new(s->ctx, "<!DOCTYPE html>\n");

	markup_open(markup, "p", "title", "\"a\" <b>", NULL);
	markup_attribute(markup, "lang", "e\x02");
	markup_text(markup, "<i> & %s", "tab\t\x01 torn \xc3( \xe2\x89\xa4 \xef\xbf\xbf \xf0\x9f");
	markup_close(markup);
	markup_open(markup, "td", NULL);
	markup_close(markup);
	assert_string_equal(markup_end(s->ctx, markup),
		"<!DOCTYPE html>\n<p title=\"&quot;a&quot; &lt;b&gt;\" lang=\"e&#xFFFD;\">"
		"&lt;i&gt; &amp; tab\t\xef\xbf\xbd torn \xef\xbf\xbd( \xe2\x89\xa4 \xef\xbf\xbd "
		"\xef\xbf\xbd\xef\xbf\xbd</p><td></td>\n");
}

/* --- SVG ---------------------------------------------------------------------------------- */

#define SVG "<svg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink'"

static char *inlined(struct scratch *s, const char *svg)
{
	char *text = NULL;

	assert_int_equal(
		svg_inline(s->ctx, svg, strlen(svg), "f1-", "Title", "a < b", &text, NULL), 0);
	return text;
}

static void ids_of_a_figure_are_its_own(void **state)
{
	const char *svg = inlined(*state,
		"<?xml version='1.0'?>" SVG "><title>Gnuplot</title><path id='p'/>"
		"<use xlink:href='#p' clip-path='url(#c)' fill='red'/><text>1 &lt; <![CDATA[<2]]></text></svg>");

	assert_non_null(strstr(svg, "<path id=\"f1-p\"/>"));
	assert_non_null(strstr(svg, "xlink:href=\"#f1-p\""));
	assert_non_null(strstr(svg, "clip-path=\"url(#f1-c)\""));
	assert_non_null(strstr(svg, "fill=\"red\""));
	assert_non_null(strstr(svg, "<text>1 &lt; &lt;2</text>"));
	assert_non_null(strstr(svg, "role=\"img\" aria-labelledby=\"f1-title\" "
				    "aria-describedby=\"f1-description\""));
	assert_non_null(strstr(svg, "<title id=\"f1-title\">Title</title>"
				    "<desc id=\"f1-description\">a &lt; b</desc>"));
	assert_null(strstr(svg, "Gnuplot"));
	assert_int_equal(strncmp(svg, "<svg", 4), 0);
}

/* gnuplot's "set terminal svg mouse" adds a script, and anybody may write a figure. */
static void a_figure_runs_and_loads_nothing(void **state)
{
	const char *svg = inlined(*state, SVG
		" onload='a()'><script>a()</script><style>p{color:red}</style>"
		"<a xlink:href='http://x/'><path/></a><g onclick='a()'/><!-- a -->"
		"<image xlink:href='http://x/i.png'/><image xlink:href='data:image/png;base64,AA'/>"
		"<rect fill='url(http://x/)'/><foreignObject><p xmlns="
		"'http://www.w3.org/1999/xhtml'>a()</p></foreignObject>"
		"<meta http-equiv='refresh' content='0;url=http://x/'/><p>a()</p>"
		"<p xmlns='http://www.w3.org/1999/xhtml'>a()</p></svg>");

	assert_null(strstr(svg, "a()"));
	assert_null(strstr(svg, "http://x"));
	assert_null(strstr(svg, "style"));
	assert_null(strstr(svg, "<!--"));
	assert_non_null(strstr(svg, "xlink:href=\"data:image/png;base64,AA\""));
	assert_non_null(strstr(svg, "<g/>"));
	assert_non_null(strstr(svg, "<rect/>"));
}

static void what_is_no_figure_is_refused(void **state)
{
	static const char *const wrong[] = {"", "plot sin(x)", SVG ">", "<svg/>",
		"<x:svg xmlns:x='http://www.w3.org/2000/svg'/>",
		"<g xmlns='http://www.w3.org/2000/svg'/>",
		"<!DOCTYPE svg [<!ENTITY lpar 'x'>]>" SVG " fill='url&lpar;'/>",
		"<html xmlns='http://www.w3.org/1999/xhtml'/>"};
	struct err err;
	char *text;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_int_equal(svg_inline(NULL, wrong[i], strlen(wrong[i]), "f1-", "Title", "",
					 &text, &err),
			-EBADMSG);
	assert_string_equal(err.text, "is no SVG file");
}

/* --- the page ----------------------------------------------------------------------------- */

static struct plan *two_setups(struct scratch *s)
{
	return make_plan(s, "two",
		"description = \"<b>bold</b> & more\"; setups = { kvm-rt = {}; xen-rt = {}; };"
		"experiments = { rt = { interval = \"100ms\"; duration = \"1s\"; }; };"
		"figures = { one = { title = \"<Guests>\"; experiments = [ \"rt\" ]; }; };"
		"output = { formats = [ \"png\" ]; };");
}

static char *page_of(struct scratch *s, const struct plan *plan)
{
	static const char *const notes[] = {"a boot said <panic>", NULL};
	char *page = NULL;

	assert_int_equal(report_write(plan, s->fd, notes, NULL), 0);
	assert_int_equal(file_read(s->ctx, s->fd, "report.html", 1 << 24, &page, NULL, NULL), 0);
	return page;
}

static const char *after(const char *page, const char *what)
{
	const char *found = strstr(page, what);

	if (!found)
		fail_msg("the page has no %s here", what);
	return found;
}

static void the_page_tells_the_outcome_first(void **state)
{
	struct scratch *s = *state;

	make_result(s, "kvm-rt.rt.1", good, OUTCOME_PASS, "");
	make_result(s, "xen-rt.rt.1", NULL, OUTCOME_MISS, "it <never> came up");
	const char *at = page_of(s, two_setups(s));
	assert_int_equal(strncmp(at, "<!DOCTYPE html>\n<html lang=\"en\">", 32), 0);
	at = after(at, "<p>&lt;b&gt;bold&lt;/b&gt; &amp; more</p>");
	at = after(at, "1 of 2 runs did not end as asked.");
	at = after(at, "<li>run xen-rt.rt.1: MISS, it &lt;never&gt; came up</li>");
	at = after(at, "<li>a boot said &lt;panic&gt;</li>");
	at = after(at, "<svg ");
	at = after(at, "<title id=\"drawing-1-title\">&lt;Guests&gt;</title>");
	at = after(at, "half of 13 wake-ups in 1 boots within 1 us");
	at = after(at, "<title id=\"drawing-2-title\">&lt;Guests&gt;: rare latencies</title>");
	at = after(at, "<caption>Latencies in µs</caption>");
	at = after(at, "<tr class=\"marked\"><th scope=\"row\">kvm-rt-rt</th>");
	at = after(at, "<td class=\"words\" colspan=\"8\">not measured</td>");
	at = after(at, "<th colspan=\"8\" scope=\"rowgroup\">kvm-rt-rt, 1 boots");
	at = after(at, "id=\"proofs\"");
	at = after(at, "Experiment rt: cyclictest ran once in each boot for 1 s in a guest");
	at = after(at, "# Measure again, under another name\n");
	after(at, "sudo latcampaign start --set name=two-2 campaign.cfg\n");
}

static void the_page_needs_nothing_else(void **state)
{
	struct scratch *s = *state;

	make_result(s, "kvm-rt.rt.1", good, OUTCOME_PASS, "");
	const char *page = page_of(s, two_setups(s));
	assert_null(strstr(page, "<script"));
	assert_null(strstr(page, "<link"));
	assert_null(strstr(page, "src="));
	assert_null(strstr(page, "@import"));
	assert_null(strstr(page, "<b>bold"));
	after(page, "default-src 'none'");
	/* The SVG is there although only PNG was asked for. */
	assert_true(file_exists(s->fd, "figures/one.png"));
	assert_false(file_exists(s->fd, "figures/one.pdf"));
}

static void an_old_drawing_is_not_shown_for_an_edited_script(void **state)
{
	struct scratch *s = *state;
	struct plan *plan = two_setups(s);

	make_result(s, "kvm-rt.rt.1", good, OUTCOME_PASS, "");
	assert_null(strstr(page_of(s, plan), "There is no SVG"));
	scratch_file(s, "figures/one.gp", "set terminal svg\nset output 'mine.svg'\nplot sin(x)\n");
	const char *page = page_of(s, plan);
	after(page, "figures/one.gp was edited");
	after(page, "There is no SVG of this figure to show here.");
	assert_null(strstr(page, "drawing-1-"));
	after(page, "drawing-2-title");
}

/* It was measured as asked: what was asked did not hold. */
static void a_threshold_that_was_exceeded_is_told_apart(void **state)
{
	struct scratch *s = *state;

	make_result(s, "kvm-rt.rt.1", good, OUTCOME_PASS, "");
	make_result(s, "xen-rt.rt.1", good, OUTCOME_FAIL, "threshold <all>: max is 9us");
	const char *at = page_of(s, two_setups(s));
	at = after(at, "<p class=\"verdict bad\">All 2 runs were measured as asked. 1 of them "
		       "exceeded a threshold.</p><p>2 runs: 1 PASS 1 FAIL</p>");
	after(at, "<li>run xen-rt.rt.1: FAIL, threshold &lt;all&gt;: max is 9us</li>");
}

/* Nothing is said that nobody knows. */
static void the_page_of_an_imported_campaign_invents_nothing(void **state)
{
	struct scratch *s = *state;
	const char *page = page_of(s, make_imported(s)), *at = page;

	at = after(at, "All 1 runs were imported.</p><p>1 runs: 1 PASS</p><p>IMPORTED: others");
	at = after(at, "<caption>Latencies in µs</caption>");
	at = after(at, "<td class=\"words\" colspan=\"2\">not known: imported</td>");
	at = after(at, "Others measured these wake-up latencies");
	at = after(at, "Experiment theirs: cyclictest measured for 1 s with 2 threads that woke up "
		       "every 100000 µs, as whoever imported it said");
	after(at, "sudo latcampaign report theirs");
	assert_null(strstr(page, ">boot</th>"));
	assert_null(strstr(page, "latcampaign start"));
	assert_null(strstr(page, "campaign.cfg"));
	assert_null(strstr(page, "on the host"));
	assert_null(strstr(page, "bare machine"));
	assert_null(strstr(page, "had been proved"));
	assert_null(strstr(page, "as asked"));
}

static void a_page_without_results_stands(void **state)
{
	struct scratch *s = *state;
	const char *page = page_of(s, two_setups(s));

	after(page, "2 of 2 runs did not end as asked.");
	after(page, "Nothing was measured that a figure could show.");
}

static void measured_in_boot(struct scratch *s, const char *id, const char *boot)
{
	json_t *asked =
		json_pack("{s:s, s:s, s:s}", "release", "6.1", "scheduler", "null", "dom0_pin", "");
	json_t *found = json_pack(
		"{s:s, s:s, s:s}", "release", "6.1", "scheduler", "credit2", "dom0_pin", "free");
	json_t *json =
		json_pack("{s:s, s:o, s:o}", "boot_id", boot, "asked", asked, "found", found);
	int directory;

	assert_int_equal(result_begin(s->fd, id, &directory, NULL), 0);
	assert_int_equal(file_write(directory, "histogram.txt", good, strlen(good), NULL), 0);
	close(directory);
	assert_int_equal(result_finish(s->fd, id, OUTCOME_PASS, "", json, NULL), 0);
	json_decref(json);
}

/* A visit has two boots when the machine rebooted in it; both are proved. What Xen decides by
 * itself is nobody's to compare. */
static void each_boot_is_proved(void **state)
{
	struct scratch *s = *state;
	char *text = NULL;
	const struct plan *plan = make_plan(s, "boots",
		"setups = { xen-rt = {}; };"
		"experiments = { rt = { repetitions = 3; interval = \"100ms\"; duration = \"1s\"; }; };");
	measured_in_boot(s, "xen-rt.rt.1", "boot-a");
	measured_in_boot(s, "xen-rt.rt.2", "boot-a");
	measured_in_boot(s, "xen-rt.rt.3", "boot-b");
	assert_int_equal(report_write(plan, s->fd, NULL, NULL), 0);
	assert_int_equal(file_read(s->ctx, s->fd, "report.txt", 1 << 20, &text, NULL, NULL), 0);
	const char *second =
		after(after(text, "boot                boot-a\n"), "boot                boot-b\n");
	assert_null(strstr(after(text, "boot-a\n") + 1, "boot-a"));
	after(second, "    scheduler           asked null\n"
		      "                        found credit2   DIFFERENT\n");
	assert_null(strstr(text, "dom0_pin"));
}

static void latex_is_made_of_the_results(void **state)
{
	struct scratch *s = *state;

	make_result(s, "kvm-rt.rt.1", good, OUTCOME_PASS, "");
	const char *latex = report_latex(s->ctx, two_setups(s), s->fd);
	after(latex, "\\caption{Latencies in \\textmu{}s. ``largest'' is");
	after(latex, "kvm-rt-rt & 13 & 1 & 0.00 & 0 & 0 & 9 & 2 & 7~! \\\\");
	after(latex, "\\label{tab:quantiles}");
	assert_null(strstr(latex, "tab:proofs"));
	assert_false(file_exists(s->fd, "report.txt"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(markup_escapes_and_replaces),
		scratch_test(ids_of_a_figure_are_its_own),
		scratch_test(a_figure_runs_and_loads_nothing),
		cmocka_unit_test(what_is_no_figure_is_refused),
		scratch_test(the_page_tells_the_outcome_first),
		scratch_test(the_page_needs_nothing_else),
		scratch_test(an_old_drawing_is_not_shown_for_an_edited_script),
		scratch_test(a_threshold_that_was_exceeded_is_told_apart),
		scratch_test(the_page_of_an_imported_campaign_invents_nothing),
		scratch_test(a_page_without_results_stands),
		scratch_test(each_boot_is_proved),
		scratch_test(latex_is_made_of_the_results),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
