/* build.h - what configure decided (version, default configuration), and defaults without it. */
#ifndef SETTLED_BASE_BUILD_H
#define SETTLED_BASE_BUILD_H

#ifndef SETTLED_VERSION
#define SETTLED_VERSION "unconfigured"
#endif
#ifndef SETTLED_CONF
#define SETTLED_CONF "/etc/settled/settled.conf"
#endif

#endif
