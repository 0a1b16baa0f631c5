"use strict";
// Loads the page again when the run has gone on, and leaves it as it was: its place,
// what is unfolded, and how the table is filtered and sorted.
(() => {
	const key = "poolbench-view", pause = 5000;
	const heads = () => Array.from(document.querySelectorAll("#cells th"));
	// Folds by section, which may come to have more of them.
	const folds = () => Array.from(document.querySelectorAll("main details"), (details) => {
		const section = details.closest("section");
		return { details, name: `${section.id} ${Array.from(section.querySelectorAll("details")).indexOf(details)}` };
	});
	const keep = () => sessionStorage.setItem(key, JSON.stringify({
		place: scrollY,
		open: folds().filter((f) => f.details.open).map((f) => f.name),
		filter: document.getElementById("filter")?.value ?? "",
		column: heads().findIndex((head) => head.hasAttribute("aria-sort")),
		descending: heads().some((head) => head.getAttribute("aria-sort") === "descending"),
		focus: document.activeElement?.id ?? "",
	}));
	const restore = (view) => {
		for (const fold of folds()) {
			fold.details.open ||= view.open.includes(fold.name);
		}
		const filter = document.getElementById("filter");
		if (filter && view.filter) {
			filter.value = view.filter;
			filter.dispatchEvent(new Event("input"));
		}
		const sorter = heads()[view.column]?.querySelector("button");
		for (let clicks = view.descending ? 2 : 1; sorter && clicks > 0; clicks--) {
			sorter.click();
		}
		document.getElementById(view.focus)?.focus({ preventScroll: true });
		scrollTo(0, view.place);
	};

	const kept = sessionStorage.getItem(key);
	if (kept !== null) {
		sessionStorage.removeItem(key);
		restore(JSON.parse(kept));
	}
	const loaded = performance.now();
	const events = new EventSource("events");
	events.onmessage = () => {
		events.close();
		setTimeout(() => {
			keep();
			location.reload();
		}, Math.max(0, loaded + pause - performance.now()));
	};
})();
