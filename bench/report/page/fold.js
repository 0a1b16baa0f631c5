"use strict";
// Opens the section that a link leads to, and opens all sections for printing.
(() => {
	const leadsTo = (hash) => {
		try {
			return hash && document.getElementById(decodeURIComponent(hash.slice(1)));
		} catch {
			return null; // not an address that this page has made
		}
	};
	const reveal = () => {
		const target = leadsTo(location.hash);
		if (!target) {
			return;
		}
		if (target.hidden) { // filtered out
			const input = document.getElementById("filter");
			input.value = "";
			input.dispatchEvent(new Event("input"));
		}
		for (let at = target.parentElement; at; at = at.parentElement) {
			if (at instanceof HTMLDetailsElement) {
				at.open = true;
			}
		}
		target.scrollIntoView();
	};
	addEventListener("hashchange", reveal);
	addEventListener("click", (event) => {
		if (location.hash && event.target.closest?.("a")?.getAttribute("href") === location.hash) { // which is no change
			reveal();
		}
	});
	reveal();
	addEventListener("beforeprint", () => {
		for (const details of document.querySelectorAll("details")) {
			details.open = true;
		}
	});
})();
