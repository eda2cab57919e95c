#include "tests/unit/workspace_fixture.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "orchestrator/state/ports.h"

enum { LOWEST = 20000, HIGHEST = 31999 };

static int setup(void **state)
{
    struct workspace_fixture *fixture;
    if (workspace_fixture_setup(state))
        return -1;
    fixture = *state;
    // A port that nobody else's workspace picks.
    snprintf(fixture->workspace.id, sizeof fixture->workspace.id, "%08x", (unsigned)getpid());
    return 0;
}

static struct store *open_store(struct workspace_fixture *fixture)
{
    struct store *store = NULL;
    struct err err;
    if (store_open(&fixture->workspace, &store, &err))
        fail_msg("%s", err.message);
    return store;
}

static int port_of(struct workspace_fixture *fixture, struct store *store, const char *resource,
                   int wanted)
{
    int port = 0;
    struct err err;
    if (port_of_resource(store, fixture->workspace.id, resource, wanted, &port, &err))
        fail_msg("%s", err.message);
    return port;
}

// Listens on a port of loopback, 0: any; *port is the one it got.
static int listen_on(int *port)
{
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)*port),
                                  .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof address;
    const int on = 1; // as servers do
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on), 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(fd, 1), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
    *port = ntohs(address.sin_port);
    return fd;
}

static void a_wanted_port_is_taken_as_it_is(void **state)
{
    struct workspace_fixture *fixture = *state;
    int taken = 0;
    AUTOCLOSE int fd = listen_on(&taken);
    struct store *store = open_store(fixture);
    assert_int_equal(port_of(fixture, store, "postgres", 5433), 5433);
    // Whether it is free is asked when it is used: then its holder can be named.
    assert_int_equal(port_of(fixture, store, "postgres", taken), taken);
    assert_int_equal(store_port(store, "postgres"), 0);
    // Nothing has to be remembered, so there need not be a store.
    assert_int_equal(port_of(fixture, NULL, "postgres", 5433), 5433);
    store_close(store);
}

static void a_port_is_picked_once_and_remembered(void **state)
{
    struct workspace_fixture *fixture = *state;
    struct store *store = open_store(fixture);
    int postgres = port_of(fixture, store, "postgres", 0);
    const int redis = port_of(fixture, store, "redis", 0);
    assert_in_range(postgres, LOWEST, HIGHEST);
    assert_in_range(redis, LOWEST, HIGHEST);
    assert_int_not_equal(postgres, redis);
    assert_int_equal(store_port(store, "postgres"), postgres);
    store_close(store);

    // In the next run it is the same even when somebody holds it now: he is told of, the URL stays.
    AUTOCLOSE int fd = listen_on(&postgres);
    store = open_store(fixture);
    assert_int_equal(port_of(fixture, store, "postgres", 0), postgres);
    // A Port in the settings wins, and goes again.
    assert_int_equal(port_of(fixture, store, "postgres", 5433), 5433);
    assert_int_equal(port_of(fixture, store, "postgres", 0), postgres);
    store_close(store);
}

static void forget(struct workspace_fixture *fixture)
{
    AUTOFREE char *path = workspace_path(&fixture->workspace, "state.db");
    assert_int_equal(unlink(path), 0);
}

static void the_same_is_picked_when_berths_memory_is_removed(void **state)
{
    struct workspace_fixture *fixture = *state;
    struct store *store = open_store(fixture);
    int first = port_of(fixture, store, "postgres", 0);
    store_close(store);
    forget(fixture);

    store = open_store(fixture);
    assert_int_equal(port_of(fixture, store, "postgres", 0), first);
    store_close(store);
    forget(fixture);

    // But for ports that are taken, or promised to another resource.
    AUTOCLOSE int fd = listen_on(&first);
    store = open_store(fixture);
    struct err err;
    assert_int_equal(store_port_set(store, "other", first + 1, &err), 0);
    const int next = port_of(fixture, store, "postgres", 0);
    assert_int_not_equal(next, first);
    assert_int_not_equal(next, first + 1);
    assert_in_range(next, LOWEST, HIGHEST);
    store_close(store);
}

static void free_means_that_it_can_be_bound(void **state)
{
    (void)state;
    int port = 0;
    int listener = listen_on(&port);
    assert_false(port_is_free(port));
    // A connection that the listener's side ended lingers in TIME_WAIT and holds nothing.
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr = {htonl(INADDR_LOOPBACK)}};
    const int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(client, (struct sockaddr *)&address, sizeof address), 0);
    close(accept(listener, NULL, NULL));
    close(client);
    close(listener);
    assert_true(port_is_free(port));

    // Who listens everywhere listens on loopback too.
    AUTOCLOSE int everywhere = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    address.sin_addr.s_addr = htonl(INADDR_ANY);
    address.sin_port = 0;
    socklen_t length = sizeof address;
    assert_int_equal(bind(everywhere, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(everywhere, 1), 0);
    assert_int_equal(getsockname(everywhere, (struct sockaddr *)&address, &length), 0);
    assert_false(port_is_free(ntohs(address.sin_port)));
}

static void expect_holder(int port, const char *expected)
{
    AUTO_STRBUF holder = STRBUF_INIT;
    strbuf_adds(&holder, "by ");
    port_holder(port, &holder);
    assert_string_equal(holder.data, expected);
}

static void the_holder_of_a_port_is_named(void **state)
{
    (void)state;
    int port = 0;
    int fd = listen_on(&port);
    AUTOFREE char *self = mem_printf("by test_ports (process %d)", (int)getpid());
    expect_holder(port, self);
    close(fd);
    expect_holder(port, "by another process");

    AUTOCLOSE int six = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_ANY_INIT};
    socklen_t length = sizeof address;
    if (six < 0 || bind(six, (struct sockaddr *)&address, sizeof address) != 0) {
        print_message("this machine has no IPv6\n");
        return;
    }
    assert_int_equal(listen(six, 1), 0);
    assert_int_equal(getsockname(six, (struct sockaddr *)&address, &length), 0);
    expect_holder(ntohs(address.sin6_port), self);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, workspace_fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_wanted_port_is_taken_as_it_is),
        TEST(a_port_is_picked_once_and_remembered),
        TEST(the_same_is_picked_when_berths_memory_is_removed),
        TEST(free_means_that_it_can_be_bound),
        TEST(the_holder_of_a_port_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
