/* SPDX-License-Identifier: MIT */
#include "distributions/prepare.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <talloc.h>

#include "base/files.h"
#include "kernels/recipe.h"

#define MENU_SECONDS 600

/* apt waits for dpkg's lock by itself, but not for that of its lists. */
#define LOCK_TURNS 30
#define LOCK_TURN_SECONDS 10

/* One preparation while it is done. */
struct doing {
	struct preparation *preparation;
	struct prepared *prepared;
	prepare_progress *progress;
	void *argument;
	unsigned step, steps;
	const char *text; /* of the step */
};

int prepare_menu(const struct distribution *distribution, const struct work *work, struct err *err)
{
	return work_run(
		NULL, work, (const char *const *)distribution->menu, MENU_SECONDS, NULL, err);
}

int prepare_prove_home(const struct distribution *distribution, const char *root,
	const struct work *work, const struct home *home, struct err *err)
{
	struct home now = {0};
	void *ctx = talloc_new(NULL);
	int r = distribution->home->read(ctx, root, work, &now, err);

	if (r == 0 && strcmp(now.boots, home->boots) != 0)
		r = err_set(err, -EXDEV,
			"the machine boots \"%s\" by default (%s), not \"%s\" as before; look at "
			"/etc/default/grub before you reboot",
			now.title, now.boots, home->boots);
	talloc_free(ctx);
	return r;
}

void prepare_stop_signals(sigset_t *ret)
{
	sigemptyset(ret);
	sigaddset(ret, SIGINT);
	sigaddset(ret, SIGTERM);
	sigaddset(ret, SIGHUP);
}

static void tell(struct doing *doing, const char *text, unsigned done, unsigned total)
{
	doing->progress(doing->argument, doing->step, doing->steps, text, done, total);
}

static void begin_step(struct doing *doing, const char *text)
{
	doing->step++;
	doing->text = text;
	tell(doing, text, 0, 0);
}

static int save(struct doing *doing, struct err *err)
{
	return prepared_save(doing->preparation->store, doing->prepared, err);
}

/* What this round finds is noted before it changes anything. A round that was cut short is the same
 * round: what was there before it stays what it was. */
static int note(struct doing *doing, struct err *err)
{
	struct preparation *preparation = doing->preparation;
	struct prepared *prepared = doing->prepared;
	int r = 0;

	if (!prepared->under_way || prepared->settled)
		r = preparation->distribution->manager->installed(
			prepared, preparation->root, &prepared->before, err);
	if (r < 0)
		return r;
	prepared->under_way = true;
	prepared->settled = false;
	prepared->home = preparation->home;
	prepared->asked = prepared_join(prepared, prepared->asked, preparation->packages);
	return save(doing, err);
}

static int keep_home(struct doing *doing, struct err *err)
{
	struct preparation *preparation = doing->preparation;
	const struct distribution *distribution = preparation->distribution;
	const struct home *home = &doing->prepared->home;
	int r;

	if (home->under_xen)
		return 0;
	doing->prepared->pinned = true;
	r = save(doing, err);
	if (r == 0)
		r = distribution->home->pin(preparation->root, &preparation->work, home, err);
	if (r == 0)
		r = prepare_menu(distribution, &preparation->work, err);
	return r == 0 ? prepare_prove_home(
				distribution, preparation->root, &preparation->work, home, err)
		      : r;
}

/* A signal that came, or comes within these seconds, ends the preparation. */
static int need_no_signal(unsigned seconds, struct err *err)
{
	const struct timespec within = {.tv_sec = seconds};
	sigset_t stop;

	prepare_stop_signals(&stop);
	if (sigtimedwait(&stop, NULL, &within) > 0)
		return err_set(err, -EINTR,
			"interrupted; `latcampaign prepare` goes on, `latcampaign unprepare` takes back "
			"what was done");
	return 0;
}

/* While a machine's own updates are looked for, as they are after every boot, their lock is held.
 */
static int fetch_lists(struct doing *doing, struct err *why)
{
	const struct preparation *preparation = doing->preparation;
	const struct package_manager *manager = preparation->distribution->manager;
	int r = manager->refresh(&preparation->work, why);

	if (r == -EBUSY)
		doing->progress(doing->argument, 0, 0,
			"another package manager works on this machine; waiting for its end", 0, 0);
	for (unsigned turn = 0; r == -EBUSY && turn < LOCK_TURNS; turn++) {
		r = need_no_signal(LOCK_TURN_SECONDS, why);
		if (r == 0)
			r = manager->refresh(&preparation->work, why);
	}
	return r;
}

/* Lists that are old, and packages that were fetched before, may do without a network. */
static int refresh(struct doing *doing, struct err *err)
{
	struct err why = {""};
	int r = fetch_lists(doing, &why);

	if (r == -EBUSY || r == -ENOSPC || r == -EINTR)
		return err_set(err, r, "%s", why.text);
	if (r < 0)
		doing->progress(doing->argument, 0, 0,
			"the lists of packages could not be fetched; going on with those that are "
			"here",
			0, 0);
	return 0;
}

static int install(struct doing *doing, char *const *packages, struct err *err)
{
	const struct preparation *preparation = doing->preparation;

	return preparation->distribution->manager->install(&preparation->work, packages, err);
}

static void tell_build(void *argument, const char *phase, unsigned done, unsigned total)
{
	struct doing *doing = argument;
	char *text = talloc_asprintf(NULL, "%s: %s", doing->text, phase);

	tell(doing, text, done, total);
	talloc_free(text);
}

static int build(struct doing *doing, struct missing_kernel *kernel, struct err *err)
{
	struct preparation *preparation = doing->preparation;
	struct recipe_build built = {0};
	char *folder;
	int r = recipe_build(preparation->root_fd, kernel->recipe, tell_build, doing, err);

	if (r == 0)
		r = recipe_find(preparation, preparation->root_fd, kernel->recipe, &folder, err);
	if (r == 0)
		r = recipe_read(preparation, preparation->root_fd, folder, &built, err);
	if (r == 0)
		kernel->files = built.package_files;
	return r;
}

static int build_all(struct doing *doing, struct err *err)
{
	struct missing *missing = doing->preparation->missing;
	int r = 0;

	for (unsigned i = 0; r == 0 && i < missing->kernel_count; i++) {
		struct missing_kernel *kernel = &missing->kernels[i];
		begin_step(doing,
			talloc_asprintf(missing, "building the kernel %s", kernel->recipe->name));
		if (!kernel->built)
			r = build(doing, kernel, err);
		if (r == 0 && kernel->recipe->base == RECIPE_HOST)
			r = install(doing, kernel->files, err);
	}
	return r;
}

/* All that came with what was asked for is known now. */
static int take_stock(struct doing *doing, struct err *err)
{
	struct preparation *preparation = doing->preparation;
	struct prepared *prepared = doing->prepared;
	char **installed;
	int r = preparation->distribution->manager->installed(
		preparation, preparation->root, &installed, err);

	if (r < 0)
		return r;
	prepared->came = prepared_join(prepared, prepared->came,
		packages_that_came(prepared, prepared->before, installed));
	prepared->before = talloc_zero_array(prepared, char *, 1);
	return 0;
}

static int finish(struct doing *doing, struct err *err)
{
	int r = take_stock(doing, err);

	if (r < 0)
		return r;
	doing->prepared->under_way = false;
	return save(doing, err);
}

/* It failed, and was not cut short: what a person installs from now on is not ours. */
static void settle(struct doing *doing)
{
	struct prepared *prepared = doing->prepared;

	if (!prepared->under_way || prepared->settled || take_stock(doing, NULL) < 0)
		return;
	prepared->settled = true;
	save(doing, NULL);
}

static int install_all(struct doing *doing, struct err *err)
{
	struct preparation *preparation = doing->preparation;
	unsigned count = 0;
	int r;

	while (preparation->packages[count])
		count++;
	if (count == 0)
		return 0;
	begin_step(doing, "fetching the lists of packages");
	r = refresh(doing, err);
	if (r == 0)
		r = need_no_signal(0, err);
	if (r < 0)
		return r;
	begin_step(doing,
		talloc_asprintf(preparation, "installing %u packages and what they need", count));
	return install(doing, preparation->packages, err);
}

static int do_steps(struct doing *doing, struct err *err)
{
	const struct package_manager *manager = doing->preparation->distribution->manager;
	int r = 0;

	begin_step(doing, "keeping the default boot entry");
	if (doing->prepared->under_way && manager->repair)
		r = manager->repair(&doing->preparation->work, err);
	if (r == 0)
		r = note(doing, err);
	if (r == 0)
		r = keep_home(doing, err);
	if (r == 0)
		r = need_no_signal(0, err);
	if (r == 0)
		r = install_all(doing, err);
	if (r == 0)
		r = need_no_signal(0, err);
	if (r == 0)
		r = build_all(doing, err);
	if (r < 0)
		return r;
	begin_step(doing, "making GRUB's menu, and proving that it boots what it did before");
	r = keep_home(doing, err);
	return r == 0 ? finish(doing, err) : r;
}

static unsigned count_steps(const struct preparation *preparation)
{
	return 2U + (*preparation->packages ? 2U : 0U) + preparation->missing->kernel_count;
}

static struct prepared *new_prepared(struct preparation *preparation)
{
	struct prepared *prepared = talloc_zero(preparation, struct prepared);

	prepared->before = talloc_zero_array(prepared, char *, 1);
	prepared->asked = talloc_zero_array(prepared, char *, 1);
	prepared->came = talloc_zero_array(prepared, char *, 1);
	return prepared;
}

int prepare_do(struct preparation *preparation, int store, prepare_progress *progress,
	void *argument, struct err *err)
{
	struct doing doing = {
		.preparation = preparation,
		.progress = progress,
		.argument = argument,
		.steps = count_steps(preparation),
	};
	sigset_t stop, before;

	if (!preparation->prepared)
		preparation->prepared = new_prepared(preparation);
	doing.prepared = preparation->prepared;
	preparation->store = store;
	close_fd(&preparation->work.log);
	int r = work_open(store, PREPARED_LOG, STATEDIR "/" PREPARED_LOG, &preparation->work, err);
	if (r < 0)
		return r;
	prepare_stop_signals(&stop);
	sigprocmask(SIG_BLOCK, &stop, &before);
	r = do_steps(&doing, err);
	if (r < 0)
		settle(&doing);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return r;
}
