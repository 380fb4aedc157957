// The notification protocol of libsystemd, sd_notify(3) and sd_watchdog_enabled(3), and sockets that it hands over,
// sd_listen_fds_with_names(3) and sd_is_socket(3). Its variadic functions, such as sd_notifyf, are invisible to Swift and
// not needed.
#ifndef ACTIVITYD_CSYSTEMD_SHIM_H
#define ACTIVITYD_CSYSTEMD_SHIM_H

#include <systemd/sd-daemon.h>

#endif
