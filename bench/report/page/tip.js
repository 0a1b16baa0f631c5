"use strict";
// Shows titles at once, also for touch and keyboard. Browsers show them late, and only for a
// mouse.
(() => {
	const bubble = document.createElement("div");
	bubble.id = "tip";
	bubble.setAttribute("role", "tooltip");
	bubble.hidden = true;
	document.body.append(bubble);
	let shown = null;

	// The title moves from the element to its data, or the browser would show it as well.
	const told = (element) => {
		if (element.dataset.tip === undefined) {
			const title = element.querySelector("title");
			element.dataset.tip = title.textContent;
			element.setAttribute("aria-label", title.textContent);
			title.textContent = "";
		}
		return element.dataset.tip;
	};
	const hide = () => {
		shown = null;
		bubble.hidden = true;
	};
	const show = (element) => {
		hide();
		shown = element;
		bubble.textContent = told(element);
		bubble.hidden = false;
		place(element);
	};
	const place = (element) => {
		const at = element.getBoundingClientRect(), size = bubble.getBoundingClientRect(), gap = 6;
		const above = at.top - size.height - gap;
		bubble.style.top = `${above < 0 ? at.bottom + gap : above}px`;
		const left = at.left + (at.width - size.width) / 2;
		bubble.style.left = `${Math.max(gap, Math.min(left, document.documentElement.clientWidth - size.width - gap))}px`;
	};
	const of = (target) => target.closest?.("figure svg :has(> title)");
	const follow = (event) => {
		const element = of(event.target);
		if (element && element !== shown) {
			show(element);
		} else if (!element && shown !== document.activeElement) { // scrolling moves the page under the mouse
			hide();
		}
	};
	addEventListener("pointerover", follow);
	addEventListener("focusin", follow);
	addEventListener("focusout", hide);
	addEventListener("renewed", hide);
	addEventListener("scroll", () => {
		if (shown && shown === document.activeElement) { // focus may have scrolled to it
			place(shown);
		} else {
			hide();
		}
	}, { capture: true, passive: true });
	addEventListener("keydown", (event) => event.key === "Escape" && hide());
})();
