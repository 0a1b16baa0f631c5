"use strict";
// Follows the run, and keeps what the reader has opened, sorted and filtered.
(() => {
	// Writing the page takes time from the machine under test, so updates rest between.
	const rest = 5000, share = 0.05;
	const reachable = "a[href], button, input, summary, [tabindex]";

	// An element is found again by its index within its nearest ancestor with an id.
	const within = (home, selector) => Array.from(document.getElementById(home)?.querySelectorAll(selector) ?? []);
	const address = (element, selector) => {
		const home = element.parentElement.closest("[id]")?.id;
		return { home, selector, index: within(home, selector).indexOf(element) };
	};
	const at = (a) => within(a.home, a.selector)[a.index];

	const keep = () => {
		const focus = document.activeElement, filter = document.getElementById("filter");
		const sorted = document.querySelector("#cells [aria-sort]");
		return {
			place: scrollY,
			folds: Array.from(document.querySelectorAll("details"), (e) => [address(e, "details"), e.open]),
			asides: Array.from(document.querySelectorAll(".scroll"), (e) => [address(e, ".scroll"), e.scrollLeft]),
			filter: filter?.value,
			selection: [filter?.selectionStart, filter?.selectionEnd],
			sorted: sorted && [sorted.cellIndex, sorted.getAttribute("aria-sort")],
			focus: focus?.matches(`main ${reachable.replaceAll(", ", ", main ")}`) ? address(focus, reachable) : null,
		};
	};
	const restore = (view) => {
		for (const [where, open] of view.folds) {
			const details = at(where);
			if (details) {
				details.open = open;
			}
		}
		const filter = document.getElementById("filter");
		if (filter && view.filter) {
			filter.value = view.filter;
			filter.dispatchEvent(new Event("input"));
		}
		if (view.sorted) {
			const button = document.getElementById("cells")?.tHead.rows[0].cells[view.sorted[0]].querySelector("button");
			button?.click();
			if (view.sorted[1] === "descending") {
				button?.click();
			}
		}
		for (const [where, left] of view.asides) {
			at(where)?.scrollTo(left, 0);
		}
		if (view.focus) {
			const focus = at(view.focus);
			focus?.focus({ preventScroll: true });
			if (focus === filter) {
				filter?.setSelectionRange(...view.selection);
			}
		}
		scrollTo(0, view.place);
	};

	const renew = async () => {
		const page = await fetch(".", { cache: "no-store" });
		const next = new DOMParser().parseFromString(await page.text(), "text/html");
		document.body.dataset.stamp = next.body.dataset.stamp;
		if (!page.ok) { // keep showing the last good page
			return say(next.querySelector("header p").textContent);
		}
		say("");
		const view = keep();
		for (const part of ["header", "nav", "main"]) {
			document.querySelector(part).replaceWith(next.querySelector(part));
		}
		dispatchEvent(new Event("renewed"));
		restore(view);
	};
	const say = (text) => {
		const line = document.getElementById("live");
		line.textContent = text;
		line.hidden = text === "";
	};

	const silence = "The server does not answer. What is shown may be old.";
	let source = null, timer = 0, free = 0, silent = false;
	const later = () => {
		if (timer) {
			return;
		}
		timer = setTimeout(async () => {
			const begun = performance.now();
			try {
				await renew();
			} catch {
				say(silence);
			}
			const now = performance.now();
			free = now + Math.max(rest, (now - begun) / share);
			timer = 0;
			listen(); // for changes since what is shown
		}, Math.max(0, free - performance.now()));
	};
	const listen = () => {
		source?.close();
		source = null;
		if (document.hidden) {
			return; // browsers allow few connections for all tabs together
		}
		source = new EventSource(`events?since=${encodeURIComponent(document.body.dataset.stamp)}`);
		source.onmessage = later;
		source.onerror = () => { // the browser tries again
			silent = true;
			say(silence);
		};
		source.onopen = () => {
			if (silent) {
				silent = false;
				say("");
			}
		};
	};
	document.addEventListener("visibilitychange", listen);
	free = performance.now() + rest;
	listen();
})();
