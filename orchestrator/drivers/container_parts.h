#pragma once
// A database or cache in a container, as its driver runs it: what launching it and looking after it
// share. Private to the files of the driver.

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "orchestrator/docker/docker.h"
#include "orchestrator/run/login_probe.h"
#include "orchestrator/run/resource.h"

struct container_data;
struct container_heal;
struct container_needs;

// An end that is still to be told: container_end.h.
struct container_ending {
    bool is_due, was_removed, is_out_of_memory;
    int exit_code;
    char *error;              // the engine's words; NULL: none
    struct loop_timer *timer; // NULL: never needed
};

struct container {
    struct container_spec spec; // of this launch: the planned one, or one that fits the data
    struct arena *arena;        // its texts, where it is not the planned one
    struct login_probe *login;
    struct docker_call *logs;
    struct docker_call *call; // of the launch, that has not answered yet; NULL: none
    struct loop_timer *settle_timer, *stop_timer;
    struct container_needs *needs; // while the machine is being looked at
    struct container_data *data;   // while it is being looked at
    struct container_heal *heal;   // while it is going on
    char *address, *hostname;      // of the container, as the engine says; NULL: not known
    char *instance;      // the server instance of the login before, where it may be a temporary one
    int64_t instance_ms; // monotonic: when that one was first met
    int denials;         // in a row
    int64_t denied_ms;   // monotonic: the first of them
    struct docker_call *looking; // at how it ended; NULL: not
    bool listed_before;  // it was launched before: the engine's first list is no picture any more
    bool awaits_engine;  // this launch: the list has not come yet
    bool pulling;        // the call is a pull, which need not be waited for
    bool pulled;         // this launch: an image that is missing now is not pulled again
    bool ran_before;     // it was already running when it was first looked for
    bool looked_again;   // this launch: its own container was found late
    bool healed;         // this launch: its data was given the password
    int64_t launched_ms; // monotonic
    int late_ends;       // of this launch: see container_was_ending
    bool is_expected_to_end; // it was told to
    bool stopping;           // that is under way
    struct container_ending ending;
};

struct docker *container_docker(const struct resource *resource);
struct container *container_of(const struct resource *resource);
// A call of the launch has answered: does the launch go on? Where the resource was told to stop in
// between, its end begins here, as nothing is under way any more that could make a container.
bool container_goes_on(struct resource *resource);
// The same without a look at what is under way.
bool container_is_launching(const struct resource *resource);
// What a killed supervisor had asked the engine for may happen after its successor looked: a
// container that ends shortly after such a start is the engine finishing that, and is started
// again. Counts: ask once for each end.
bool container_was_ending(struct resource *resource);

// The journal: that the container, or the run of one that stays, is to end with this run. To be
// written before there is anything to end.
int container_owe(struct resource *resource, struct err *err) MUST_CHECK;
void container_forget(struct resource *resource);
// Whether it is, be it for this run or for a killed one.
bool container_is_owed(const struct resource *resource);

// Adopts the container that is there if it fits, else makes one, and starts it. driver_state is
// fresh or that of the launch before. Ends in EVENT_LAUNCHED or EVENT_FAILED.
void container_launch(struct resource *resource);
// What an inspection says of it: facts of its readiness.
void container_note(struct resource *resource, const cJSON *inspected);
// The same of one that runs without having been launched just now: its address and its output, too.
void container_attach(struct resource *resource, const cJSON *inspected);
// Starts the resource's container, which is there, and goes on as a launch does.
void container_start(struct resource *resource);
