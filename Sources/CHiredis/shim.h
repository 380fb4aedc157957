// The reply parser of hiredis 0.14, and nothing else of it: its connections and its asynchronous interface are not ours.
#ifndef ACTIVITYD_CHIREDIS_SHIM_H
#define ACTIVITYD_CHIREDIS_SHIM_H

#include <hiredis/read.h>

#endif
