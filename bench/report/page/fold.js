"use strict";
// Opens what a link leads to, and prints what is folded.
(() => {
	const reveal = () => {
		const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
		if (!target) {
			return;
		}
		target.hidden = false;
		for (let at = target.parentElement; at; at = at.parentElement) {
			if (at instanceof HTMLDetailsElement) {
				at.open = true;
			}
		}
		target.scrollIntoView();
	};
	addEventListener("hashchange", reveal);
	reveal();
	addEventListener("beforeprint", () => {
		for (const details of document.querySelectorAll("details")) {
			details.open = true;
		}
	});
})();
