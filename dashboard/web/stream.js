// The live stream of /api/events, one for all tabs of this dashboard.
//
// Browsers open at most six connections to a host, and each stream holds one for good: the seventh
// tab would hang. So the tab that gets the lock reads the stream and passes it on to the others;
// when it goes, the next one does.
//
// Events: "resources", "migrations" (detail: the value), "logs" (detail: {resource}),
// "status" (detail: "live" | "lost" | "ended").

const PATIENT_AFTER = 20; // failures, a second apart
const PATIENT_DELAY_MS = 5000;

export class Stream extends EventTarget {
    #channel = new BroadcastChannel("berth-events");
    #latest = new Map();
    #source = null;
    #failures = 0;
    #timer = 0;
    #leads = false;

    start() {
        this.#channel.onmessage = ({ data }) => {
            if (data.name === "hello") this.#repeat();
            else if (data.name === "retry") this.#leads && this.retry();
            else this.#tell(data.name, data.value);
        };
        this.#channel.postMessage({ name: "hello" });
        navigator.locks.request("berth-events", () => {
            this.#leads = true;
            this.#open();
            return new Promise(() => {}); // held until the tab is gone
        });
    }

    retry() {
        if (!this.#leads) return this.#channel.postMessage({ name: "retry" });
        this.#failures = 0;
        this.#open();
    }

    #tell(name, value) {
        this.#latest.set(name, value);
        this.dispatchEvent(new CustomEvent(name, { detail: value }));
    }

    #publish(name, value) {
        this.#channel.postMessage({ name, value });
        this.#tell(name, value);
    }

    // A tab has joined: everything it missed. It may have just logged in, where this one gave up.
    #repeat() {
        if (!this.#leads) return;
        if (this.#latest.get("status") !== "live") return this.retry();
        for (const name of ["resources", "migrations", "status"])
            if (this.#latest.has(name)) this.#channel.postMessage({ name, value: this.#latest.get(name) });
    }

    #open() {
        clearTimeout(this.#timer);
        this.#source?.close();
        const source = new EventSource("/api/events");
        this.#source = source;
        source.onopen = () => {
            this.#failures = 0;
            this.#publish("status", "live");
        };
        source.onerror = () => this.#failed(source);
        for (const name of ["resources", "migrations", "logs"])
            source.addEventListener(name, (event) => this.#publish(name, JSON.parse(event.data)));
    }

    // A source that is still CONNECTING tries again by itself, with the last event's id.
    async #failed(source) {
        if (source !== this.#source) return;
        this.#failures++;
        const closed = source.readyState === EventSource.CLOSED;
        if (closed && (await this.#isLoggedOut())) {
            this.#publish("status", "ended");
            return;
        }
        if (source !== this.#source) return;
        if (this.#latest.get("status") !== "lost") this.#publish("status", "lost");
        if (closed || this.#failures > PATIENT_AFTER) {
            source.close();
            this.#timer = setTimeout(() => this.#open(), PATIENT_DELAY_MS);
        }
    }

    async #isLoggedOut() {
        try {
            const answer = await fetch("/api/resources", { method: "HEAD" });
            return answer.status === 401 || answer.status === 403;
        } catch {
            return false;
        }
    }
}
