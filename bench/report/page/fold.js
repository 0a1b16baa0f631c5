"use strict";
// Opens folded sections: the one that a link leads to, and all for printing.
(() => {
	const leadsTo = (hash) => {
		try {
			return hash && document.getElementById(decodeURIComponent(hash.slice(1)));
		} catch {
			return null; // not a link of this page
		}
	};
	const reveal = () => {
		const target = leadsTo(location.hash);
		if (!target) {
			return;
		}
		if (target.hidden) { // by the filter
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
		if (location.hash && event.target.closest?.("a")?.getAttribute("href") === location.hash) { // fires no hashchange
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
