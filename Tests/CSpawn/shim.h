// glibc declares this only with _GNU_SOURCE, which Swift's Glibc module is made without.
#include <spawn.h>

int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);
