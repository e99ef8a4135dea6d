/* SPDX-License-Identifier: MIT */
#include "tests/durable/faults.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/durable/platter.h"

static struct faults no_faults;
struct faults *faults = &no_faults;

bool faults_on;
static bool torn; /* the call under way is the one to die after */

const char *fault_name(enum fault fault)
{
	static const char *const names[FAULT_COUNT] = {
		"none", "die", "torn", "ENOSPC", "EIO", "EROFS", "full", "damage"};

	return names[fault];
}

static int error_of(enum fault fault)
{
	return fault == FAULT_EIO ? EIO : fault == FAULT_EROFS ? EROFS : ENOSPC;
}

int faults_count(bool needs_space)
{
	if (!faults_on)
		return 0;
	faults->calls++;
	if (faults->full && needs_space)
		return ENOSPC;
	if (faults->fault == FAULT_NONE || faults->calls != faults->at)
		return 0;
	faults->hit = true;
	if (faults->fault == FAULT_DAMAGE)
		faults_damage_record();
	if (faults->fault == FAULT_DIE || faults->fault == FAULT_DAMAGE)
		_exit(FAULTS_DIED);
	torn = faults->fault == FAULT_TORN;
	faults->full = faults->fault == FAULT_FULL;
	if (torn || (faults->full && !needs_space))
		return 0;
	return error_of(faults->fault);
}

void faults_after(void)
{
	if (torn && faults_on)
		_exit(FAULTS_DIED);
}

/* --- the wrapped calls -------------------------------------------------------------------- */

/* `then` is what the disk does when the call succeeds, which is no call of the runner. */
#define WRAP(name, needs_space, parameters, arguments, then)                                       \
	int __real_##name parameters;                                                              \
	int __wrap_##name parameters;                                                              \
	int __wrap_##name parameters                                                               \
	{                                                                                          \
		int code = faults_count(needs_space);                                              \
                                                                                                   \
		if (code) {                                                                        \
			errno = code;                                                              \
			return -1;                                                                 \
		}                                                                                  \
		int r = __real_##name arguments;                                                   \
		if (r == 0 && faults_on) {                                                         \
			faults_on = false;                                                         \
			then;                                                                      \
			faults_on = true;                                                          \
		}                                                                                  \
		faults_after();                                                                    \
		return r;                                                                          \
	}

WRAP(fsync, true, (int fd), (fd), platter_flush(fd))
WRAP(fdatasync, true, (int fd), (fd), platter_flush(fd))
WRAP(syncfs, false, (int fd), (fd), platter_flush_all())
WRAP(fchmod, false, (int fd, mode_t mode), (fd, mode), (void)0)
WRAP(mkdirat, true, (int dir, const char *path, mode_t mode), (dir, path, mode), (void)0)
WRAP(unlinkat, false, (int dir, const char *path, int flags), (dir, path, flags), (void)0)
WRAP(symlinkat, true, (const char *target, int dir, const char *path), (target, dir, path), (void)0)
WRAP(renameat, true, (int from, const char *old, int to, const char *new), (from, old, to, new),
	(void)0)

ssize_t __real_write(int fd, const void *bytes, size_t size);
ssize_t __wrap_write(int fd, const void *bytes, size_t size);
ssize_t __wrap_write(int fd, const void *bytes, size_t size)
{
	int code = faults_count(true);

	if (code) {
		errno = code;
		return -1;
	}
	ssize_t written = __real_write(fd, bytes, torn ? size / 2 : size);
	faults_after();
	return written;
}

int __real_openat(int dir, const char *path, int flags, ...);
int __wrap_openat(int dir, const char *path, int flags, ...);
int __wrap_openat(int dir, const char *path, int flags, ...)
{
	mode_t mode = 0;
	va_list args;

	if (!(flags & O_CREAT))
		return __real_openat(dir, path, flags);
	va_start(args, flags);
	mode = va_arg(args, mode_t);
	va_end(args);
	int code = faults_count(true);
	if (code) {
		errno = code;
		return -1;
	}
	int fd = __real_openat(dir, path, flags, mode);
	faults_after();
	return fd;
}

/* After a reboot was asked for the runner waits for systemd to end it. */
int __real_poll(struct pollfd *fds, nfds_t count, int timeout);
int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout);
int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout)
{
	if (!fds)
		_exit(FAULTS_DOWN);
	return __real_poll(fds, count, timeout);
}
