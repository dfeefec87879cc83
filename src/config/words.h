/* words.h - the few words of the configuration that other rooms speak too. */
#ifndef SETTLED_CONFIG_WORDS_H
#define SETTLED_CONFIG_WORDS_H

enum peer_kind { PEER_SECONDARY, PEER_CACHE };
enum zone_role { ROLE_PRIMARY, ROLE_SECONDARY, ROLE_CACHE };
enum watch_mode { WATCH_NOTIFY, WATCH_POLL, WATCH_NO };
enum log_format { LOG_TEXT, LOG_JSON };
enum serial_policy { SERIAL_AUTO, SERIAL_KEEP, SERIAL_DATE, SERIAL_UNIXTIME };

#endif
