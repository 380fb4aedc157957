#include <libpq-fe.h>
// Not part of Swift's Glibc module; the connection is woken through it.
#include <sys/eventfd.h>
