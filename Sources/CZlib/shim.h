// The deflate half of zlib: answers are compressed, nothing is ever inflated.
#ifndef ACTIVITYD_CZLIB_SHIM_H
#define ACTIVITYD_CZLIB_SHIM_H

#include <zlib.h>

#endif
