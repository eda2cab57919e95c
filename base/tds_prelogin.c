#include "base/tds_prelogin.h"

#include <netdb.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/mem.h"

enum {
    HEADER_SIZE = 8,
    TYPE_PRELOGIN = 0x12,
    TYPE_REPLY = 0x04,
    OPTION_ENCRYPTION = 1,
    OPTION_END = 0xFF,
    REPLY_MAX = 4096
};

static int open_socket(const struct addrinfo *address, int timeout_s)
{
    const struct timeval limit = {.tv_sec = timeout_s};
    AUTOCLOSE int fd = socket(address->ai_family, address->ai_socktype | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    return connect(fd, address->ai_addr, address->ai_addrlen) ? -1 : TAKE_FD(fd);
}

static int connect_to(const char *host, int port, int timeout_s)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    char service[16];
    int fd = -1;
    snprintf(service, sizeof service, "%d", port);
    if (getaddrinfo(host, service, &hints, &found))
        return -1;
    for (const struct addrinfo *at = found; at && fd < 0; at = at->ai_next)
        fd = open_socket(at, timeout_s);
    freeaddrinfo(found);
    return fd;
}

static bool send_question(int fd, enum tds_offer wanted)
{
    // Two options, each with its offset and length, and the end of their list; then their values.
    const uint8_t bytes[] = {TYPE_PRELOGIN,
                             1,
                             0,
                             26,
                             0,
                             0,
                             1,
                             0, // the header; 26 bytes in all
                             0,
                             0,
                             11,
                             0,
                             6, // VERSION
                             OPTION_ENCRYPTION,
                             0,
                             17,
                             0,
                             1,
                             OPTION_END,
                             0,
                             0,
                             0,
                             0,
                             0,
                             0,
                             (uint8_t)wanted};
    return send(fd, bytes, sizeof bytes, MSG_NOSIGNAL) == (ssize_t)sizeof bytes;
}

static bool receive(int fd, uint8_t *bytes, size_t length)
{
    for (size_t got = 0; got < length;) {
        const ssize_t more = recv(fd, bytes + got, length - got, 0);
        if (more <= 0)
            return false;
        got += (size_t)more;
    }
    return true;
}

// option = type offset length, two bytes each for the last two; the list ends with 0xFF
static enum tds_offer find_encryption(const uint8_t *reply, size_t length)
{
    for (size_t at = 0; at + 5 <= length && reply[at] != OPTION_END; at += 5) {
        const size_t offset = (size_t)reply[at + 1] << 8 | reply[at + 2];
        if (reply[at] == OPTION_ENCRYPTION && offset < length &&
            reply[offset] <= TDS_OFFER_REQUIRED)
            return (enum tds_offer)reply[offset];
    }
    return TDS_OFFER_UNKNOWN;
}

enum tds_offer tds_prelogin_ask(const char *host, int port, enum tds_offer wanted, int timeout_s)
{
    uint8_t header[HEADER_SIZE], reply[REPLY_MAX];
    AUTOCLOSE int fd = connect_to(host, port, timeout_s);
    if (fd < 0 || !send_question(fd, wanted) || !receive(fd, header, sizeof header))
        return TDS_OFFER_UNKNOWN;
    const size_t length = (size_t)header[2] << 8 | header[3];
    if (header[0] != TYPE_REPLY || length <= HEADER_SIZE || length - HEADER_SIZE > sizeof reply ||
        !receive(fd, reply, length - HEADER_SIZE))
        return TDS_OFFER_UNKNOWN;
    return find_encryption(reply, length - HEADER_SIZE);
}
