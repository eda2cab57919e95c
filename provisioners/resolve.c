#include "provisioners/resolve.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "base/mem.h"

// What the thread sends back, in one message.
struct answer {
    int error; // of getaddrinfo
    struct addresses addresses;
};

// All that the thread touches, and its own. Nobody waits for it: when its answer is not wanted any
// more it finds its socket closed.
struct lookup {
    char *host;
    int fd;
};

static void add_address(struct addresses *addresses, const char *text)
{
    for (size_t i = 0; i < addresses->count; i++) {
        if (!strcmp(addresses->items[i], text))
            return;
    }
    if (addresses->count == ADDRESS_MAX || strlen(text) >= ADDRESS_SIZE)
        return;
    memcpy(addresses->items[addresses->count++], text, strlen(text) + 1);
}

static int look_up(const char *host, int flags, struct addresses *out)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = flags};
    struct addrinfo *found = NULL;
    int error = getaddrinfo(host, NULL, &hints, &found);
    if (error)
        return error;
    for (const struct addrinfo *item = found; item; item = item->ai_next) {
        char text[ADDRESS_SIZE];
        if (!getnameinfo(item->ai_addr, item->ai_addrlen, text, sizeof text, NULL, 0,
                         NI_NUMERICHOST))
            add_address(out, text);
    }
    freeaddrinfo(found);
    return out->count ? 0 : EAI_NONAME;
}

static void *run_lookup(void *context)
{
    struct lookup *lookup = context;
    struct answer answer = {0};
    answer.error = look_up(lookup->host, AI_ADDRCONFIG, &answer.addresses);
    send(lookup->fd, &answer, sizeof answer, MSG_NOSIGNAL);
    close(lookup->fd);
    free(lookup->host);
    free(lookup);
    return NULL;
}

// Starts the thread with every signal blocked: they belong to the loop.
static int start_thread(struct lookup *lookup)
{
    pthread_t thread;
    pthread_attr_t attributes;
    sigset_t all, former;
    sigfillset(&all);
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_sigmask(SIG_SETMASK, &all, &former);
    int error = pthread_create(&thread, &attributes, run_lookup, lookup);
    pthread_sigmask(SIG_SETMASK, &former, NULL);
    pthread_attr_destroy(&attributes);
    return error;
}

int resolve_start(const char *host, struct addresses *out)
{
    *out = (struct addresses){0};
    if (!strcasecmp(host, "localhost")) {
        add_address(out, "127.0.0.1");
        add_address(out, "::1");
        return -1;
    }
    int pair[2];
    if (!look_up(host, AI_NUMERICHOST, out) ||
        socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
        return -1;
    struct lookup *lookup = mem_alloc(sizeof *lookup);
    *lookup = (struct lookup){mem_strdup(host), pair[1]};
    if (start_thread(lookup)) {
        close(pair[1]);
        free(lookup->host);
        free(lookup);
    }
    return pair[0];
}

int resolve_take(int fd, const char *host, struct addresses *out, struct err *err)
{
    struct answer answer;
    ssize_t length = recv(fd, &answer, sizeof answer, 0);
    close(fd);
    if (length != (ssize_t)sizeof answer)
        answer = (struct answer){.error = EAI_AGAIN};
    if (answer.error)
        return err_set(err, answer.error == EAI_AGAIN ? ERR_TIMEOUT : ERR_FAILED,
                       "no address is known for %s: %s", host, gai_strerror(answer.error));
    *out = answer.addresses;
    return 0;
}
