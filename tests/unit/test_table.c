/* SPDX-License-Identifier: MIT */
#include "tests/unit/unit.h"

#include "tables/table.h"

static const struct column columns[] = {
	{"cell", "  ", NULL, -6, true},
	{"N", " ", NULL, 4, false},
	{"95 % interval", " in ", " us", 0, true},
};

static struct table *small_table(void *ctx)
{
	struct table *table = table_new(ctx, columns, 3, true);

	table_group(table, "a_b & c");
	table_row(table);
	table_cell(table, "x");
	table_cell(table, "-%u", 7);
	table_cell(table, "[1, >=9]");
	table_mark(table, "!");
	table_row(table);
	table_cell(table, "y");
	table_cell(table, "not measured");
	table_note(table, "50 %% \"slow\"");
	return table;
}

static void rows_are_text(void **state)
{
	struct scratch *s = *state;

	assert_string_equal(table_text(s->ctx, small_table(s->ctx)),
		"  cell      N in 95 % interval us\n"
		"  a_b & c\n"
		"  x        -7 in [1, >=9] us  !\n"
		"  y      not measured\n"
		"    50 % \"slow\"\n");
}

static void rows_are_latex(void **state)
{
	struct scratch *s = *state;

	assert_string_equal(
		table_latex(s->ctx, small_table(s->ctx), "Times", "In {us} of #1.", "times"),
		"\\begin{table*}\n\\centering\n\\footnotesize\n"
		"\\caption{Times. In \\{us\\} of \\#1.}\n\\label{tab:times}\n"
		"\\begin{tabular}{lrl}\n\\toprule\n"
		"cell & N & 95 \\% interval \\\\\n\\midrule\n"
		"\\addlinespace\n\\multicolumn{3}{l}{\\itshape a\\_b \\& c} \\\\\n"
		"x & $-$7 & {}[1, $\\ge$9]~! \\\\\n"
		"y & \\multicolumn{2}{l}{not measured} \\\\\n"
		"\\multicolumn{3}{l}{50 \\% ``slow''} \\\\\n"
		"\\bottomrule\n\\end{tabular}\n\\end{table*}\n");
}

static void a_long_latex_table_goes_on(void **state)
{
	struct scratch *s = *state;
	struct table *table = table_new(s->ctx, columns, 3, true);

	for (unsigned group = 0; group < 3; group++) {
		table_group(table, "%u", group);
		for (unsigned i = 0; i < 25; i++) {
			table_row(table);
			table_cell(table, "%u", i);
		}
	}
	const char *latex = table_latex(s->ctx, table, "Times", "", "times");
	const char *second = strstr(latex, "\\caption{Times (continued)}\n\\begin{tabular}");
	assert_non_null(second);
	assert_null(strstr(strstr(second, "tabular"), "(continued)"));
	assert_non_null(strstr(second, "\\itshape 2}"));
	assert_null(strstr(second, "\\itshape 1}"));
	/* A heading comes first. */
	assert_non_null(strstr(second, "\\midrule\n\\addlinespace\n"));
}

static void a_long_latex_table_without_headings_goes_on(void **state)
{
	struct scratch *s = *state;
	struct table *table = table_new(s->ctx, columns, 3, true);

	for (unsigned i = 0; i < 41; i++) {
		table_row(table);
		table_cell(table, "%u", i);
	}
	const char *latex = table_latex(s->ctx, table, "Times", "", "times");
	const char *second = strstr(latex, "\\caption{Times (continued)}\n\\begin{tabular}");
	assert_non_null(second);
	assert_non_null(strstr(second, "{l}{40} \\\\\n\\bottomrule"));
	assert_null(strstr(second, "{l}{39}"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(rows_are_text),
		scratch_test(rows_are_latex),
		scratch_test(a_long_latex_table_goes_on),
		scratch_test(a_long_latex_table_without_headings_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
