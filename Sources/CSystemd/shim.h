// The notification protocol of libsystemd, sd_notify(3) and sd_watchdog_enabled(3), sockets that it hands over,
// sd_listen_fds_with_names(3) and sd_is_socket(3), and the journal, sd_journal_sendv(3). Its variadic functions, such as
// sd_notifyf and sd_journal_send, are invisible to Swift and not needed.
#ifndef ACTIVITYD_CSYSTEMD_SHIM_H
#define ACTIVITYD_CSYSTEMD_SHIM_H

// Fields about the place in the source would name this module map.
#define SD_JOURNAL_SUPPRESS_LOCATION

#include <systemd/sd-daemon.h>
#include <systemd/sd-journal.h>

#endif
