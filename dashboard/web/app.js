const stream = new EventSource("/api/events");
stream.addEventListener("resources", (event) => {
    document.getElementById("resources").textContent = JSON.stringify(JSON.parse(event.data), null, 2);
});
