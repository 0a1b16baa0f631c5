"use strict";
// Loads the page again when the run has gone on, and keeps its place.
(() => {
	const events = new EventSource("events");
	const place = sessionStorage.getItem("poolbench-place");
	if (place !== null) {
		sessionStorage.removeItem("poolbench-place");
		scrollTo(0, Number(place));
	}
	events.onmessage = () => {
		events.close();
		sessionStorage.setItem("poolbench-place", String(scrollY));
		location.reload();
	};
})();
