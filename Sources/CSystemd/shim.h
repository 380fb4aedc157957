// The notification protocol of libsystemd, sd_notify(3) and sd_watchdog_enabled(3). Its variadic functions, such as
// sd_notifyf, are invisible to Swift and not needed.
#ifndef ACTIVITYD_CSYSTEMD_SHIM_H
#define ACTIVITYD_CSYSTEMD_SHIM_H

#include <systemd/sd-daemon.h>

#endif
