/* SPDX-License-Identifier: MIT */
/*
 * GRUB's menus for tests.
 */
#ifndef TESTS_UNIT_MENUS_H
#define TESTS_UNIT_MENUS_H

#include "tests/unit/unit.h"

/* As Debian makes it once Xen and an RT kernel are there: the submenus of Linux and of Xen have the
 * same id, and Xen's package has made its entry the default. */
#define LINUX_ENTRIES                                                                              \
	"menuentry 'Debian' --class os $menuentry_id_option 'gnulinux-simple-U' {\n"               \
	"\tif [ x$feature = xy ]; then\n\t  search --set=root U\n\tfi\n"                           \
	"\tlinux\t/boot/vmlinuz-%s root=UUID=U ro quiet \n\tinitrd\t/boot/initrd\n}\n"             \
	"submenu 'Advanced options' $menuentry_id_option 'gnulinux-advanced-U' {\n"                \
	"\tmenuentry 'RT' --class os $menuentry_id_option 'gnulinux-6.1-rt-advanced-U' {\n"        \
	"\t\tlinux\t/boot/vmlinuz-6.1-rt root=UUID=U ro quiet\n\t}\n"                              \
	"\tmenuentry 'Linux 6.1' --class os $menuentry_id_option 'gnulinux-6.1-advanced-U' {\n"    \
	"\t\tlinux\t/boot/vmlinuz-6.1 root=UUID=U ro quiet\n\t}\n"                                 \
	"\tmenuentry 'Linux 6.1 (recovery)' $menuentry_id_option 'gnulinux-6.1-recovery-U' {\n"    \
	"\t\tlinux\t/boot/vmlinuz-6.1 root=UUID=U ro single\n\t}\n"                                \
	"}\n"
#define XEN_ENTRIES                                                                                \
	"menuentry 'Debian, with Xen' $menuentry_id_option 'xen-gnulinux-simple-U' {\n"            \
	"\tmultiboot2\t/boot/xen.gz placeholder\n"                                                 \
	"\tmodule2\t/boot/vmlinuz-6.1 placeholder root=UUID=U ro quiet\n"                          \
	"\tmodule2 --nounzip /boot/initrd\n}\n"                                                    \
	"submenu 'Advanced options, Xen' $menuentry_id_option 'gnulinux-advanced-U' {\n"           \
	"\tmenuentry 'Xen 6.1' $menuentry_id_option 'xen-gnulinux-6.1-advanced-U' {\n"             \
	"\t\tmultiboot2\t/boot/xen.gz placeholder\n"                                               \
	"\t\tmodule2\t/boot/vmlinuz-6.1 placeholder root=UUID=U ro quiet\n\t}\n"                   \
	"}\n"
#define HEADER(preset)                                                                             \
	"function savedefault {\n\tsave_env saved_entry\n}\n"                                      \
	"if [ \"${next_entry}\" ] ; then\n   set default=\"${next_entry}\"\nelse\n"                \
	"   set default=\"" preset "\"\nfi\n"

static inline char *entries(struct scratch *s, const char *header, const char *newest)
{
	return talloc_asprintf(s->ctx, "%s" LINUX_ENTRIES "%s", header, newest, XEN_ENTRIES);
}

#endif
