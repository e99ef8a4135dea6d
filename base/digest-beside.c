/* SPDX-License-Identifier: MIT */
#include "base/digest-beside.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <talloc.h>

struct digest_beside {
	struct digest *digest;
	const void *bytes; /* the piece that is counted; NULL: there is none any more */
	size_t size;
	sem_t given, counted; /* 0 or 1: a piece for the thread; the thread has nothing to do */
	pthread_t thread;
	bool threaded;
};

/* Semaphores are interrupted by signals. */
static void await(sem_t *semaphore)
{
	while (sem_wait(semaphore) < 0)
		;
}

static void *count(void *argument)
{
	struct digest_beside *beside = argument;

	for (;;) {
		await(&beside->given);
		if (!beside->bytes)
			return NULL;
		digest_add(beside->digest, beside->bytes, beside->size);
		sem_post(&beside->counted);
	}
}

static void give(struct digest_beside *beside, const void *bytes, size_t size)
{
	await(&beside->counted);
	beside->bytes = bytes;
	beside->size = size;
	sem_post(&beside->given);
}

static int free_beside(struct digest_beside *beside)
{
	if (beside->threaded) {
		give(beside, NULL, 0);
		pthread_join(beside->thread, NULL);
	}
	sem_destroy(&beside->given);
	sem_destroy(&beside->counted);
	return 0;
}

struct digest_beside *digest_beside_begin(void *ctx)
{
	struct digest_beside *beside = talloc_zero(ctx, struct digest_beside);

	beside->digest = digest_begin(beside);
	sem_init(&beside->given, 0, 0);
	sem_init(&beside->counted, 0, 1);
	beside->threaded = pthread_create(&beside->thread, NULL, count, beside) == 0;
	talloc_set_destructor(beside, free_beside);
	return beside;
}

void digest_beside_add(struct digest_beside *beside, const void *bytes, size_t size)
{
	if (beside->threaded)
		give(beside, bytes, size);
	else
		digest_add(beside->digest, bytes, size);
}

int digest_beside_end(struct digest_beside *beside, char ret_hex[DIGEST_HEX + 1], struct err *err)
{
	await(&beside->counted);
	sem_post(&beside->counted);
	return digest_end(beside->digest, ret_hex, err);
}
